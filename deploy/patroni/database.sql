-- Run this file once on the primary, as the account postgres (docs/install.md).
CREATE ROLE retrouve LOGIN PASSWORD 'PASSWORD';
CREATE DATABASE retrouve OWNER retrouve;
-- With this, `retrouve doctor` and the alert RetrouveNoSynchronousStandby see which standby confirms changes.
GRANT pg_read_all_stats TO retrouve;
-- With this, `retrouve doctor` finds damaged indexes.
\connect retrouve
CREATE EXTENSION amcheck;
GRANT EXECUTE ON FUNCTION bt_index_check(regclass) TO retrouve;
