BEGIN TRANSACTION;
CREATE TABLE agents (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	role TEXT NOT NULL, 
	password TEXT NOT NULL, 
	secret BLOB NOT NULL, 
	first BOOLEAN NOT NULL, 
	step BIGINT NOT NULL, 
	epoch INTEGER NOT NULL, 
	added BIGINT NOT NULL, 
	removed BIGINT, 
	PRIMARY KEY (id), 
	UNIQUE (name)
);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0003');
CREATE TABLE answers (
	digest BLOB NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY (digest)
);
CREATE TABLE awaited_codes (
	"case" TEXT NOT NULL, 
	phone BLOB NOT NULL, 
	until BIGINT NOT NULL, 
	PRIMARY KEY ("case"), 
	CONSTRAINT fk_awaited_codes_case FOREIGN KEY("case") REFERENCES recoveries (number)
);
CREATE TABLE checkpoints (
	number INTEGER NOT NULL, 
	statement TEXT NOT NULL, 
	signature BLOB NOT NULL, 
	PRIMARY KEY (number)
);
CREATE TABLE counters (
	bucket BLOB NOT NULL, 
	began BIGINT NOT NULL, 
	count INTEGER NOT NULL, 
	PRIMARY KEY (bucket)
);
INSERT INTO "counters" VALUES(X'8F8CA05F84C2BE917ACC837CFB025EC19D74472E89305EBFEA1FFA854AE9FA34',1543575600000000,1);
INSERT INTO "counters" VALUES(X'09450048094AD1E03F10AFAAA9158CAF06FE9BEE09268B52F88C70506046FF11',1543575600000000,1);
CREATE TABLE events (
	id INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	actor TEXT NOT NULL, 
	act TEXT NOT NULL, 
	"case" TEXT, 
	voter INTEGER, 
	reason TEXT, agent TEXT, 
	PRIMARY KEY (id)
);
INSERT INTO "events" VALUES(1,1543575600000000,'voter','asked','V246-P7H9',NULL,NULL,NULL);
INSERT INTO "events" VALUES(2,1543575600000000,'courier','link-decided','V246-P7H9',1,NULL,NULL);
INSERT INTO "events" VALUES(3,1543575600000000,'courier','mail-accepted','V246-P7H9',1,'relay.example',NULL);
INSERT INTO "events" VALUES(4,1543575600000000,'voter','password-chosen','V246-P7H9',1,NULL,NULL);
INSERT INTO "events" VALUES(5,1543575600000000,'voter','asked','6MPP-ABJM',NULL,NULL,NULL);
CREATE TABLE gaps (
	first INTEGER NOT NULL, 
	last INTEGER NOT NULL, 
	PRIMARY KEY (first)
);
CREATE TABLE links (
	digest BLOB NOT NULL, 
	"case" TEXT NOT NULL, 
	voter INTEGER NOT NULL, 
	epoch INTEGER NOT NULL, 
	expires BIGINT NOT NULL, 
	opened BIGINT, 
	used BIGINT, 
	PRIMARY KEY (digest), 
	CONSTRAINT fk_links_case FOREIGN KEY("case") REFERENCES recoveries (number), 
	CONSTRAINT fk_links_voter FOREIGN KEY(voter) REFERENCES voters (id)
);
INSERT INTO "links" VALUES(X'03DBCD5C419FECFABAC0779DA83903C046DE9F21339259C68232313DC523DB6D','V246-P7H9',1,0,1543590000000000,NULL,1543575600000000);
CREATE TABLE names (
	word TEXT NOT NULL, 
	voter INTEGER NOT NULL, 
	PRIMARY KEY (word, voter), 
	CONSTRAINT fk_names_voter FOREIGN KEY(voter) REFERENCES voters (id)
)
 WITHOUT ROWID

;
INSERT INTO "names" VALUES('camille',1);
INSERT INTO "names" VALUES('camille',2);
INSERT INTO "names" VALUES('camille',3);
INSERT INTO "names" VALUES('martin',1);
INSERT INTO "names" VALUES('martin',2);
INSERT INTO "names" VALUES('martin',3);
CREATE TABLE outbox (
	id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	"case" TEXT NOT NULL, 
	voter INTEGER, 
	sealed BLOB, 
	state TEXT NOT NULL, 
	created BIGINT NOT NULL, 
	due BIGINT NOT NULL, 
	useful_until BIGINT NOT NULL, 
	attempts INTEGER NOT NULL, 
	ended BIGINT, 
	reason TEXT, 
	PRIMARY KEY (id), 
	CONSTRAINT fk_outbox_voter FOREIGN KEY(voter) REFERENCES voters (id)
);
INSERT INTO "outbox" VALUES(1,'link','V246-P7H9',1,NULL,'sent',1543575600000000,1543575720000000,1543589400000000,0,1543575600000000,'relay.example');
INSERT INTO "outbox" VALUES(2,'changed','V246-P7H9',1,NULL,'waiting',1543575600000000,1543575600000000,1543834800000000,0,NULL,NULL);
INSERT INTO "outbox" VALUES(3,'ask','6MPP-ABJM',NULL,NULL,'waiting',1543575600000000,1543575600000000,1543589400000000,0,NULL,NULL);
CREATE TABLE phone_claims (
	phone BLOB NOT NULL, 
	voter INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY (phone), 
	CONSTRAINT fk_phone_claims_voter FOREIGN KEY(voter) REFERENCES voters (id)
);
CREATE TABLE recoveries (
	handle BLOB NOT NULL, 
	number TEXT NOT NULL, 
	flow TEXT NOT NULL, 
	state TEXT NOT NULL, 
	began BIGINT NOT NULL, 
	version INTEGER NOT NULL, 
	voter INTEGER, 
	PRIMARY KEY (handle), 
	CONSTRAINT fk_recoveries_voter FOREIGN KEY(voter) REFERENCES voters (id), 
	UNIQUE (number)
);
INSERT INTO "recoveries" VALUES(X'B55A35A24A1AA51F798E8EECE15AC2A22DA60DC60DC0589FB23B1BA131C726EF','V246-P7H9','mot-de-passe','{"type":"completed","typed":"camille.martin@ac-lumiere.example","address":"camille.martin@ac-lumiere.example","asking":{"at":"2018-11-30T11:00:00Z","until":"2018-11-30T15:00:00Z","again_from":"2018-11-30T11:03:00Z"},"voter":1,"used":"A9vNXEGf7Pq6wHedqDkDwEbenyEzklnGgjIxPcUj220=","at":"2018-11-30T11:00:00Z"}',1543575600000000,4,1);
INSERT INTO "recoveries" VALUES(X'E9DAE99D59B1DF43881C0490E556C0C46024A38DB580E7F4AF3950420E157415','6MPP-ABJM','mot-de-passe','{"type":"requested","typed":"second@ac-lumiere.example","address":"second@ac-lumiere.example","asking":{"at":"2018-11-30T11:00:00Z","until":"2018-11-30T15:00:00Z","again_from":"2018-11-30T11:03:00Z"}}',1543575600000000,2,NULL);
CREATE TABLE registry (
	voter TEXT NOT NULL, 
	generation INTEGER NOT NULL, 
	salt BLOB NOT NULL, 
	verifier BLOB NOT NULL, 
	request TEXT NOT NULL, 
	frozen BOOLEAN NOT NULL, 
	sequence INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	PRIMARY KEY (voter)
);
CREATE TABLE reissues (
	"case" TEXT NOT NULL, 
	voter INTEGER NOT NULL, 
	slot INTEGER, 
	generation INTEGER, 
	began BIGINT NOT NULL, 
	ended BIGINT, 
	PRIMARY KEY ("case"), 
	CONSTRAINT fk_reissues_case FOREIGN KEY("case") REFERENCES recoveries (number), 
	CONSTRAINT fk_reissues_voter FOREIGN KEY(voter) REFERENCES voters (id)
);
CREATE TABLE reports (
	parcel INTEGER NOT NULL, 
	delivery TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY (parcel, delivery), 
	CONSTRAINT fk_reports_parcel FOREIGN KEY(parcel) REFERENCES outbox (id)
);
CREATE TABLE seals (
	position INTEGER NOT NULL, 
	line INTEGER NOT NULL, 
	digest BLOB NOT NULL, 
	PRIMARY KEY (position), 
	UNIQUE (line)
);
CREATE TABLE sessions (
	digest BLOB NOT NULL, 
	voter INTEGER NOT NULL, 
	epoch INTEGER NOT NULL, 
	expires BIGINT NOT NULL, 
	PRIMARY KEY (digest), 
	CONSTRAINT fk_sessions_voter FOREIGN KEY(voter) REFERENCES voters (id)
);
CREATE TABLE spending (
	day TEXT NOT NULL, 
	scope TEXT NOT NULL, 
	sent INTEGER NOT NULL, 
	verified INTEGER NOT NULL, 
	PRIMARY KEY (day, scope)
);
CREATE TABLE voters (
	id INTEGER NOT NULL, 
	email TEXT NOT NULL, 
	last_name TEXT NOT NULL, 
	first_name TEXT NOT NULL, 
	birth_date_digest BLOB NOT NULL, 
	numen_digest BLOB NOT NULL, 
	phone_digest BLOB, 
	phone_ending TEXT, 
	academie TEXT, 
	language TEXT NOT NULL, 
	first_verifier TEXT, 
	epoch INTEGER NOT NULL, 
	password TEXT, 
	password_set BIGINT, 
	frozen BIGINT, 
	removed BIGINT, folded TEXT DEFAULT '' NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "voters" VALUES(1,'camille.martin@ac-lumiere.example','Martin','Camille',X'62697274682064617465',X'8750EF1EC3064B6213C0E0A92D10D0EDD40F731AD79C4187C8E831FFD9429DFC',NULL,NULL,NULL,'fr',NULL,1,'$argon2id$v=19$m=8,t=1,p=1$E4uSdZoFrZb8LXD8lV5v8w$hslVB9or75J6yS5Z+/UhLZMyrQ7QGf0KK8C9AWfGl+I',1543575600000000,NULL,NULL,' martin camille ');
INSERT INTO "voters" VALUES(2,'second@ac-lumiere.example','Martin','Camille',X'62697274682064617465',X'739F0127854C022B3C4C7B40932B4AF52BCE144B3E3AE6F8C7CC5FD585DF8A6D',NULL,NULL,NULL,'fr',NULL,0,NULL,NULL,NULL,NULL,' martin camille ');
INSERT INTO "voters" VALUES(3,'third@ac-lumiere.example','Martin','Camille',X'62697274682064617465',X'4E2E71338D846D8A1EA33162FD465E15441FAEE6A464D2EEC8ED8DFEDBE672B5',NULL,NULL,NULL,'fr',NULL,0,NULL,NULL,NULL,NULL,' martin camille ');
CREATE INDEX ix_events_case ON events ("case");
CREATE UNIQUE INDEX ix_voters_email ON voters (email) WHERE removed IS NULL;
CREATE UNIQUE INDEX ix_voters_numen_digest ON voters (numen_digest) WHERE removed IS NULL;
CREATE INDEX ix_outbox_case ON outbox ("case");
CREATE INDEX ix_outbox_created ON outbox (created) WHERE state = 'waiting' AND kind = 'ask';
CREATE INDEX ix_outbox_due ON outbox (due) WHERE state = 'waiting';
CREATE INDEX ix_recoveries_voter ON recoveries (voter);
CREATE INDEX ix_links_voter_expires ON links (voter, expires);
CREATE INDEX ix_voters_frozen ON voters (frozen) WHERE removed IS NULL AND frozen IS NOT NULL;
CREATE INDEX ix_events_voter ON events (voter, id) WHERE voter IS NOT NULL;
CREATE INDEX ix_events_bounced ON events (id) WHERE act = 'mail-bounced';
CREATE INDEX ix_outbox_ended ON outbox (ended) WHERE state = 'parked';
CREATE UNIQUE INDEX ix_reissues_voter_slot ON reissues (voter, slot);
CREATE UNIQUE INDEX ix_reissues_voter ON reissues (voter) WHERE ended IS NULL;
CREATE INDEX ix_awaited_codes_phone ON awaited_codes (phone);
COMMIT;
