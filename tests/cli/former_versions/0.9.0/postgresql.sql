CREATE TABLE public.agents (
    id bigint NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    password text NOT NULL,
    secret bytea NOT NULL,
    first boolean NOT NULL,
    step bigint NOT NULL,
    epoch integer NOT NULL,
    added bigint NOT NULL,
    removed bigint,
    mac bytea
);
CREATE SEQUENCE public.agents_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.agents_id_seq OWNED BY public.agents.id;
CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.answers (
    digest bytea NOT NULL,
    at bigint NOT NULL
);
CREATE TABLE public.awaited_codes (
    "case" text NOT NULL,
    phone bytea NOT NULL,
    until bigint NOT NULL
);
CREATE TABLE public.checkpoints (
    number integer NOT NULL,
    statement text NOT NULL,
    signature bytea NOT NULL
);
CREATE TABLE public.code_sendings (
    id bigint NOT NULL,
    voter bigint NOT NULL,
    phone bytea NOT NULL,
    at bigint NOT NULL,
    outcome text NOT NULL
);
CREATE SEQUENCE public.code_sendings_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.code_sendings_id_seq OWNED BY public.code_sendings.id;
CREATE TABLE public.counters (
    bucket bytea NOT NULL,
    began bigint NOT NULL,
    count integer NOT NULL
);
CREATE TABLE public.events (
    id bigint NOT NULL,
    at bigint NOT NULL,
    actor text NOT NULL,
    act text NOT NULL,
    "case" text,
    voter bigint,
    reason text,
    agent text,
    credential text
);
CREATE SEQUENCE public.events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.events_id_seq OWNED BY public.events.id;
CREATE TABLE public.gaps (
    first bigint NOT NULL,
    last bigint NOT NULL
);
CREATE TABLE public.links (
    digest bytea NOT NULL,
    "case" text NOT NULL,
    voter bigint NOT NULL,
    epoch integer NOT NULL,
    expires bigint NOT NULL,
    opened bigint,
    used bigint,
    kind text DEFAULT 'password'::text NOT NULL,
    mac bytea
);
CREATE TABLE public.names (
    word text NOT NULL COLLATE pg_catalog."C",
    voter bigint NOT NULL
);
CREATE TABLE public.outbox (
    id bigint NOT NULL,
    kind text NOT NULL,
    "case" text NOT NULL,
    voter bigint,
    sealed bytea,
    state text NOT NULL,
    created bigint NOT NULL,
    due bigint NOT NULL,
    useful_until bigint NOT NULL,
    attempts integer NOT NULL,
    ended bigint,
    reason text
);
CREATE SEQUENCE public.outbox_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.outbox_id_seq OWNED BY public.outbox.id;
CREATE TABLE public.phone_claims (
    phone bytea NOT NULL,
    voter bigint NOT NULL,
    at bigint NOT NULL,
    mac bytea
);
CREATE TABLE public.recoveries (
    handle bytea NOT NULL,
    number text NOT NULL,
    flow text NOT NULL,
    state text NOT NULL,
    began bigint NOT NULL,
    version integer NOT NULL,
    voter bigint
);
CREATE TABLE public.registry (
    voter text NOT NULL,
    generation integer NOT NULL,
    salt bytea NOT NULL,
    verifier bytea NOT NULL,
    request text NOT NULL,
    frozen boolean NOT NULL,
    sequence integer NOT NULL,
    version integer NOT NULL
);
CREATE TABLE public.reissues (
    "case" text NOT NULL,
    voter bigint NOT NULL,
    slot integer,
    generation integer,
    began bigint NOT NULL,
    ended bigint,
    mac bytea
);
CREATE TABLE public.reports (
    parcel bigint NOT NULL,
    delivery text NOT NULL,
    at bigint NOT NULL
);
CREATE TABLE public.seals (
    "position" bigint NOT NULL,
    line bigint NOT NULL,
    digest bytea NOT NULL
);
CREATE TABLE public.sessions (
    digest bytea NOT NULL,
    voter bigint NOT NULL,
    epoch integer NOT NULL,
    expires bigint NOT NULL,
    mac bytea
);
CREATE TABLE public.spending (
    day text NOT NULL,
    scope text NOT NULL,
    sent integer NOT NULL,
    verified integer NOT NULL
);
CREATE TABLE public.voters (
    id bigint NOT NULL,
    email text NOT NULL COLLATE pg_catalog."C",
    last_name text NOT NULL,
    first_name text NOT NULL,
    birth_date_digest bytea NOT NULL,
    numen_digest bytea NOT NULL,
    pseudonym bytea NOT NULL,
    phone_digest bytea,
    phone_ending text,
    academie text,
    language text NOT NULL,
    first_verifier text,
    epoch integer NOT NULL,
    password text,
    password_set bigint,
    frozen bigint,
    removed bigint,
    folded text DEFAULT ''::text NOT NULL,
    reopened bigint,
    mac bytea
);
CREATE SEQUENCE public.voters_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.voters_id_seq OWNED BY public.voters.id;
ALTER TABLE ONLY public.agents ALTER COLUMN id SET DEFAULT nextval('public.agents_id_seq'::regclass);
ALTER TABLE ONLY public.code_sendings ALTER COLUMN id SET DEFAULT nextval('public.code_sendings_id_seq'::regclass);
ALTER TABLE ONLY public.events ALTER COLUMN id SET DEFAULT nextval('public.events_id_seq'::regclass);
ALTER TABLE ONLY public.outbox ALTER COLUMN id SET DEFAULT nextval('public.outbox_id_seq'::regclass);
ALTER TABLE ONLY public.voters ALTER COLUMN id SET DEFAULT nextval('public.voters_id_seq'::regclass);
INSERT INTO public.agents VALUES (1, 'camille', 'agent', 'hash', '\x010144f41ed40650f38b6900fca200e47c1546a2adf876c6b600bfd7ae553f177865407072023e7fffa689d1f8fdd11ea900', true, 0, 0, 1543575600000000, NULL, '\x0101a99e1194eb54c867cc77dca590d736564471c246bf8e9ae57ca86b5f');
INSERT INTO public.alembic_version VALUES ('0009');
INSERT INTO public.checkpoints VALUES (1, 'retrouve-checkpoint 1
election https://vote.ac-lumiere.example
number 1
lines 5
made 2018-11-30T11:00:00Z
digest 17bf32b8f702b539ae3da2b055c677e77cad78c5f21ff0d16818c0c166def76c
key 313c81e97d0483955f3818eb5cea844377431cac713ae3e883cd1b9e1e289a90
', '\xadb37805e6dfc1fe3943c9d9cf06a81d68a21a959551ebfa50e13e6c172df0041dca7dcfad0866ae6e2e8adb102ef37c2d37ee2bb03420a121a539808d9ec50d');
INSERT INTO public.counters VALUES ('\x6d86da482c4f175e89531b65d24f0d19f9e96236ebe5afec4b688d37c2f8dfed', 1543575600000000, 1);
INSERT INTO public.counters VALUES ('\x9b6cb75611c093a0b94d1e6c2e5e83a6a5861e71016d9a660981a9b8c0168114', 1543575600000000, 1);
INSERT INTO public.counters VALUES ('\xabdae4a45eff7ae686f826949be2452df632d4956b8cb48f0db1a7f83a7ce25c', 1543575600000000, 1);
INSERT INTO public.counters VALUES ('\xfb586d20306edfe266023cda77e7794242a222921159ebf47d7985ad6ba13063', 1543575600000000, 1);
INSERT INTO public.events VALUES (1, 1543575600000000, 'voter', 'asked', 'WU5P-XE9E', NULL, NULL, NULL, NULL);
INSERT INTO public.events VALUES (2, 1543575600000000, 'courier', 'link-decided', 'WU5P-XE9E', 1, NULL, NULL, NULL);
INSERT INTO public.events VALUES (3, 1543575600000000, 'courier', 'mail-accepted', 'WU5P-XE9E', 1, 'relay.example', NULL, NULL);
INSERT INTO public.events VALUES (4, 1543575600000000, 'voter', 'password-chosen', 'WU5P-XE9E', 1, NULL, NULL, '7e794c566ab182a2a8fe744322347357');
INSERT INTO public.events VALUES (5, 1543575600000000, 'voter', 'asked', '2G6G-SKHJ', NULL, NULL, NULL, NULL);
INSERT INTO public.events VALUES (6, 1543575600000000, 'courier', 'checkpoint-made', '0000-0001', NULL, NULL, NULL, NULL);
INSERT INTO public.links VALUES ('\xd65c081b1a857a18f26bf6725b633771fa78e7f4973afd0428f4d1fc3c697e70', 'WU5P-XE9E', 1, 0, 1543590000000000, NULL, 1543575600000000, 'password', '\x01016c65b2a122555ab3eca344d35a01e44dab42d98aa20fea3535171e4a');
INSERT INTO public.names VALUES ('camille', 1);
INSERT INTO public.names VALUES ('camille', 2);
INSERT INTO public.names VALUES ('camille', 3);
INSERT INTO public.names VALUES ('martin', 1);
INSERT INTO public.names VALUES ('martin', 2);
INSERT INTO public.names VALUES ('martin', 3);
INSERT INTO public.outbox VALUES (1, 'link', 'WU5P-XE9E', 1, NULL, 'sent', 1543575600000000, 1543575720000000, 1543589400000000, 0, 1543575600000000, 'relay.example');
INSERT INTO public.outbox VALUES (2, 'changed', 'WU5P-XE9E', 1, NULL, 'waiting', 1543575600000000, 1543575600000000, 1543834800000000, 0, NULL, NULL);
INSERT INTO public.outbox VALUES (3, 'ask', '2G6G-SKHJ', NULL, NULL, 'waiting', 1543575600000000, 1543575600000000, 1543589400000000, 0, NULL, NULL);
INSERT INTO public.recoveries VALUES ('\xa8733d141fea6909bab4dec4b4688145b644f7246a0d6dbf104da2462bf132e1', 'WU5P-XE9E', 'mot-de-passe', '{"type":"completed","typed":"camille.martin@ac-lumiere.example","address":"camille.martin@ac-lumiere.example","asking":{"at":"2018-11-30T11:00:00Z","until":"2018-11-30T15:00:00Z","again_from":"2018-11-30T11:03:00Z"},"voter":1,"used":"1lwIGxqFehjya/ZyW2M3cfp45/SXOv0EKPTR/DxpfnA=","at":"2018-11-30T11:00:00Z"}', 1543575600000000, 2, 1);
INSERT INTO public.recoveries VALUES ('\xd2458ec5daa169a2bc993f4f87ffbba1aed1e6e65834abd2f3b1bd105004ac1d', '2G6G-SKHJ', 'mot-de-passe', '{"type":"requested","typed":"second@ac-lumiere.example","address":"second@ac-lumiere.example","asking":{"at":"2018-11-30T11:00:00Z","until":"2018-11-30T15:00:00Z","again_from":"2018-11-30T11:03:00Z"}}', 1543575600000000, 0, NULL);
INSERT INTO public.seals VALUES (1, 1, '\xda8a4cfec9ae88b237b4bcf45c0a9b804a1a93a21053a233d081943b0a0940de');
INSERT INTO public.seals VALUES (2, 2, '\x4ac7097240cb92df8651daf80cf7f46d56e8507ad7e7b22dcac2bfb2912de46d');
INSERT INTO public.seals VALUES (3, 3, '\x29c83b4d396bf7bb0105bc0e086ac4babc94cd19c3c4fcb10a439ad40c47e09b');
INSERT INTO public.seals VALUES (4, 4, '\xda3b4c6a1142f6861959576ba3985248a42fe81503a03d45ea211a92cfd20d98');
INSERT INTO public.seals VALUES (5, 5, '\x17bf32b8f702b539ae3da2b055c677e77cad78c5f21ff0d16818c0c166def76c');
INSERT INTO public.voters VALUES (1, 'camille.martin@ac-lumiere.example', 'Martin', 'Camille', '\x62697274682064617465', '\x8750ef1ec3064b6213c0e0a92d10d0edd40f731ad79c4187c8e831ffd9429dfc', '\xb317134f40893a4712b7e60467937edfd5556c6785490a06473b795d08686c413fe29891', NULL, NULL, NULL, 'fr', NULL, 1, 'AQFGDMsVObctF2lWQCDw49nzSPkRszRb9GOWHLxbNnQeai3pCWt+FOykavD2yogu+50+kc6wFRK16Kkrf6m9W8qEPnEIav+Yr8arGn/sitAK6NhBsvRYnHYWtuZZzVT9AUaIO1tKbskGcsgnJKQEJgqUukK/7uuz36DM', 1543575600000000, NULL, NULL, ' martin camille ', NULL, '\x0101218407254ddbe114eef51eccca4863b21df6c0a3b27f67c853effa08');
INSERT INTO public.voters VALUES (2, 'second@ac-lumiere.example', 'Martin', 'Camille', '\x62697274682064617465', '\x739f0127854c022b3c4c7b40932b4af52bce144b3e3ae6f8c7cc5fd585df8a6d', '\xb317134fec7fa37237dcd5b986d017fd2c4df1b7d77ada054f2554965c44d4a65e026f67', NULL, NULL, NULL, 'fr', NULL, 0, NULL, NULL, NULL, NULL, ' martin camille ', NULL, '\x0101697862d67cd0570b67bdaa2bb9d6d5323fff9a93a05da4f36b867075');
INSERT INTO public.voters VALUES (3, 'third@ac-lumiere.example', 'Martin', 'Camille', '\x62697274682064617465', '\x4e2e71338d846d8a1ea33162fd465e15441faee6a464d2eec8ed8dfedbe672b5', '\xb317134fe849a22ccfdbc322add39bea746b3c1d5b9aa364ed4d170208f2defd72262d4b', NULL, NULL, NULL, 'fr', NULL, 0, NULL, NULL, NULL, NULL, ' martin camille ', NULL, '\x010135a74580544f527e819484a9a3ee8b71b0a6306d0a140ca79ca78567');
SELECT pg_catalog.setval('public.agents_id_seq', 2, false);
SELECT pg_catalog.setval('public.code_sendings_id_seq', 1, false);
SELECT pg_catalog.setval('public.events_id_seq', 7, false);
SELECT pg_catalog.setval('public.outbox_id_seq', 4, false);
SELECT pg_catalog.setval('public.voters_id_seq', 4, false);
ALTER TABLE ONLY public.agents
    ADD CONSTRAINT agents_name_key UNIQUE (name);
ALTER TABLE ONLY public.agents
    ADD CONSTRAINT agents_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.answers
    ADD CONSTRAINT answers_pkey PRIMARY KEY (digest);
ALTER TABLE ONLY public.awaited_codes
    ADD CONSTRAINT awaited_codes_pkey PRIMARY KEY ("case");
ALTER TABLE ONLY public.checkpoints
    ADD CONSTRAINT checkpoints_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.code_sendings
    ADD CONSTRAINT code_sendings_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.counters
    ADD CONSTRAINT counters_pkey PRIMARY KEY (bucket);
ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.gaps
    ADD CONSTRAINT gaps_pkey PRIMARY KEY (first);
ALTER TABLE ONLY public.links
    ADD CONSTRAINT links_pkey PRIMARY KEY (digest);
ALTER TABLE ONLY public.names
    ADD CONSTRAINT names_pkey PRIMARY KEY (word, voter);
ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.phone_claims
    ADD CONSTRAINT phone_claims_pkey PRIMARY KEY (phone);
ALTER TABLE ONLY public.recoveries
    ADD CONSTRAINT recoveries_number_key UNIQUE (number);
ALTER TABLE ONLY public.recoveries
    ADD CONSTRAINT recoveries_pkey PRIMARY KEY (handle);
ALTER TABLE ONLY public.registry
    ADD CONSTRAINT registry_pkey PRIMARY KEY (voter);
ALTER TABLE ONLY public.reissues
    ADD CONSTRAINT reissues_pkey PRIMARY KEY ("case");
ALTER TABLE ONLY public.reports
    ADD CONSTRAINT reports_pkey PRIMARY KEY (parcel, delivery);
ALTER TABLE ONLY public.seals
    ADD CONSTRAINT seals_line_key UNIQUE (line);
ALTER TABLE ONLY public.seals
    ADD CONSTRAINT seals_pkey PRIMARY KEY ("position");
ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (digest);
ALTER TABLE ONLY public.spending
    ADD CONSTRAINT spending_pkey PRIMARY KEY (day, scope);
ALTER TABLE ONLY public.voters
    ADD CONSTRAINT voters_pkey PRIMARY KEY (id);
CREATE INDEX ix_awaited_codes_phone ON public.awaited_codes USING btree (phone);
CREATE INDEX ix_code_sendings_voter_at ON public.code_sendings USING btree (voter, at);
CREATE INDEX ix_events_bounced ON public.events USING btree (id) WHERE (act = 'mail-bounced'::text);
CREATE INDEX ix_events_case ON public.events USING btree ("case");
CREATE INDEX ix_events_voter ON public.events USING btree (voter, id) WHERE (voter IS NOT NULL);
CREATE INDEX ix_links_voter_expires ON public.links USING btree (voter, expires);
CREATE INDEX ix_outbox_created ON public.outbox USING btree (created) WHERE ((state = 'waiting'::text) AND (kind = 'ask'::text));
CREATE INDEX ix_outbox_due ON public.outbox USING btree (due) WHERE (state = 'waiting'::text);
CREATE INDEX ix_outbox_ended ON public.outbox USING btree (ended) WHERE (state = 'parked'::text);
CREATE INDEX ix_recoveries_voter ON public.recoveries USING btree (voter);
CREATE UNIQUE INDEX ix_reissues_voter ON public.reissues USING btree (voter) WHERE (ended IS NULL);
CREATE UNIQUE INDEX ix_reissues_voter_slot ON public.reissues USING btree (voter, slot);
CREATE UNIQUE INDEX ix_voters_email ON public.voters USING btree (email) WHERE (removed IS NULL);
CREATE INDEX ix_voters_frozen ON public.voters USING btree (frozen) WHERE ((removed IS NULL) AND (frozen IS NOT NULL));
CREATE UNIQUE INDEX ix_voters_numen_digest ON public.voters USING btree (numen_digest) WHERE (removed IS NULL);
ALTER TABLE ONLY public.awaited_codes
    ADD CONSTRAINT fk_awaited_codes_case FOREIGN KEY ("case") REFERENCES public.recoveries(number);
ALTER TABLE ONLY public.code_sendings
    ADD CONSTRAINT fk_code_sendings_voter FOREIGN KEY (voter) REFERENCES public.voters(id);
ALTER TABLE ONLY public.links
    ADD CONSTRAINT fk_links_case FOREIGN KEY ("case") REFERENCES public.recoveries(number);
ALTER TABLE ONLY public.links
    ADD CONSTRAINT fk_links_voter FOREIGN KEY (voter) REFERENCES public.voters(id);
ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT fk_outbox_voter FOREIGN KEY (voter) REFERENCES public.voters(id);
ALTER TABLE ONLY public.phone_claims
    ADD CONSTRAINT fk_phone_claims_voter FOREIGN KEY (voter) REFERENCES public.voters(id);
ALTER TABLE ONLY public.recoveries
    ADD CONSTRAINT fk_recoveries_voter FOREIGN KEY (voter) REFERENCES public.voters(id);
ALTER TABLE ONLY public.reissues
    ADD CONSTRAINT fk_reissues_case FOREIGN KEY ("case") REFERENCES public.recoveries(number);
ALTER TABLE ONLY public.reissues
    ADD CONSTRAINT fk_reissues_voter FOREIGN KEY (voter) REFERENCES public.voters(id);
ALTER TABLE ONLY public.reports
    ADD CONSTRAINT fk_reports_parcel FOREIGN KEY (parcel) REFERENCES public.outbox(id);
ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT fk_sessions_voter FOREIGN KEY (voter) REFERENCES public.voters(id);
