-- Run this file once on the primary: psql --file database.sql "host=192.0.2.11,192.0.2.12,192.0.2.13 user=postgres target_session_attrs=read-write"
CREATE ROLE retrouve LOGIN PASSWORD 'PASSWORD';
CREATE DATABASE retrouve OWNER retrouve;
