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
    removed bigint
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
    agent text
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
    used bigint
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
    at bigint NOT NULL
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
    ended bigint
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
    expires bigint NOT NULL
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
    folded text DEFAULT ''::text NOT NULL
);
CREATE SEQUENCE public.voters_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.voters_id_seq OWNED BY public.voters.id;
ALTER TABLE ONLY public.agents ALTER COLUMN id SET DEFAULT nextval('public.agents_id_seq'::regclass);
ALTER TABLE ONLY public.events ALTER COLUMN id SET DEFAULT nextval('public.events_id_seq'::regclass);
ALTER TABLE ONLY public.outbox ALTER COLUMN id SET DEFAULT nextval('public.outbox_id_seq'::regclass);
ALTER TABLE ONLY public.voters ALTER COLUMN id SET DEFAULT nextval('public.voters_id_seq'::regclass);
INSERT INTO public.agents VALUES (1, 'camille', 'agent', 'hash', '\x01015427e8a711dfb4ad4d6b42014de205fec22ee6b11f9c2a42dda4fd106a3a55e0afe258be54c0667e04a7969ebde62ea3', true, 0, 0, 1543575600000000, NULL);
INSERT INTO public.alembic_version VALUES ('0003');
INSERT INTO public.checkpoints VALUES (1, 'retrouve-checkpoint 1
election https://vote.ac-lumiere.example
number 1
lines 5
made 2018-11-30T11:00:00Z
digest 0935d5ffe4031b121ace8ccf8c6edcde6f9c65e045e31e3dad8c6b8dbf8eea44
key c6e8b8bfa1a98de60ac22bf9cf4b256054a27c0b0af141e7535ab486e24f61c1
', '\xc2d588b4b3bae81d98e287d70c7b8a34f6c78a735c70a22aea84eef69697b4a2552bbef77ea60ab8d43f71629726c93e5f94b6a8516932624d374ec18e696203');
INSERT INTO public.counters VALUES ('\x04a493bf7d5d9a581de1e5d7558647ebdbb23464bebb9f07cfc7c18483894a9c', 1543575600000000, 1);
INSERT INTO public.counters VALUES ('\x9cd6f6eb9cbc16b577c984430ade9272f08bab5db6c6b707fa0dbb1c7a821538', 1543575600000000, 1);
INSERT INTO public.events VALUES (1, 1543575600000000, 'voter', 'asked', '9N2Y-QMFV', NULL, NULL, NULL);
INSERT INTO public.events VALUES (2, 1543575600000000, 'courier', 'link-decided', '9N2Y-QMFV', 1, NULL, NULL);
INSERT INTO public.events VALUES (3, 1543575600000000, 'courier', 'mail-accepted', '9N2Y-QMFV', 1, 'relay.example', NULL);
INSERT INTO public.events VALUES (4, 1543575600000000, 'voter', 'password-chosen', '9N2Y-QMFV', 1, NULL, NULL);
INSERT INTO public.events VALUES (5, 1543575600000000, 'voter', 'asked', 'WCXG-KY4U', NULL, NULL, NULL);
INSERT INTO public.events VALUES (6, 1543575600000000, 'courier', 'checkpoint-made', '0000-0001', NULL, NULL, NULL);
INSERT INTO public.links VALUES ('\x86aa80ee17c622771a1ab2abecbf05603764eb8d288c9cf904c9cd825820951a', '9N2Y-QMFV', 1, 0, 1543590000000000, NULL, 1543575600000000);
INSERT INTO public.names VALUES ('camille', 1);
INSERT INTO public.names VALUES ('camille', 2);
INSERT INTO public.names VALUES ('camille', 3);
INSERT INTO public.names VALUES ('martin', 1);
INSERT INTO public.names VALUES ('martin', 2);
INSERT INTO public.names VALUES ('martin', 3);
INSERT INTO public.outbox VALUES (1, 'link', '9N2Y-QMFV', 1, NULL, 'sent', 1543575600000000, 1543575720000000, 1543589400000000, 0, 1543575600000000, 'relay.example');
INSERT INTO public.outbox VALUES (2, 'changed', '9N2Y-QMFV', 1, NULL, 'waiting', 1543575600000000, 1543575600000000, 1543834800000000, 0, NULL, NULL);
INSERT INTO public.outbox VALUES (3, 'ask', 'WCXG-KY4U', NULL, NULL, 'waiting', 1543575600000000, 1543575600000000, 1543589400000000, 0, NULL, NULL);
INSERT INTO public.recoveries VALUES ('\x8b49040cf9c21c1e6aedc5fc19e01a5a696830f02a61d70f39f317b78ca4f9de', 'WCXG-KY4U', 'mot-de-passe', '{"type":"requested","typed":"second@ac-lumiere.example","address":"second@ac-lumiere.example","asking":{"at":"2018-11-30T11:00:00Z","until":"2018-11-30T15:00:00Z","again_from":"2018-11-30T11:03:00Z"}}', 1543575600000000, 0, NULL);
INSERT INTO public.recoveries VALUES ('\x9ba03b41cdf7292867013b9fd9cedf183d75af57bdd79ef0579cf46e1600c5d6', '9N2Y-QMFV', 'mot-de-passe', '{"type":"completed","typed":"camille.martin@ac-lumiere.example","address":"camille.martin@ac-lumiere.example","asking":{"at":"2018-11-30T11:00:00Z","until":"2018-11-30T15:00:00Z","again_from":"2018-11-30T11:03:00Z"},"voter":1,"used":"hqqA7hfGIncaGrKr7L8FYDdk640ojJz5BMnNglgglRo=","at":"2018-11-30T11:00:00Z"}', 1543575600000000, 2, 1);
INSERT INTO public.seals VALUES (1, 1, '\xc2b6a72b288304763b48bb067cdb5900c3e7ffe890cac43a4069a7d061f213a6');
INSERT INTO public.seals VALUES (2, 2, '\xa9cd02930dfecfb768ed7cb4fe5d0eb17bf9cd1be8936b36e5290c69e55fa95f');
INSERT INTO public.seals VALUES (3, 3, '\x4a51f6e290b8bda0d6756e77e2f7b89f0dadd1db31e3ec552dcb4c1ede19810d');
INSERT INTO public.seals VALUES (4, 4, '\x3c89ff57cd5333881cc5fad3ec575337564463e6afbf49ed4ffdd0b08235b093');
INSERT INTO public.seals VALUES (5, 5, '\x0935d5ffe4031b121ace8ccf8c6edcde6f9c65e045e31e3dad8c6b8dbf8eea44');
INSERT INTO public.voters VALUES (1, 'camille.martin@ac-lumiere.example', 'Martin', 'Camille', '\x62697274682064617465', '\x8750ef1ec3064b6213c0e0a92d10d0edd40f731ad79c4187c8e831ffd9429dfc', '\xb317134f40893a4712b7e60467937edfd5556c6785490a06473b795d08686c413fe29891', NULL, NULL, NULL, 'fr', NULL, 1, '$argon2id$v=19$m=8,t=1,p=1$lcB7KalYn4MMvHgMPvnBig$t6e7PUckpFLZaK6O0noxg1CVBT45Nez47aoi/4yjJs4', 1543575600000000, NULL, NULL, ' martin camille ');
INSERT INTO public.voters VALUES (2, 'second@ac-lumiere.example', 'Martin', 'Camille', '\x62697274682064617465', '\x739f0127854c022b3c4c7b40932b4af52bce144b3e3ae6f8c7cc5fd585df8a6d', '\xb317134fec7fa37237dcd5b986d017fd2c4df1b7d77ada054f2554965c44d4a65e026f67', NULL, NULL, NULL, 'fr', NULL, 0, NULL, NULL, NULL, NULL, ' martin camille ');
INSERT INTO public.voters VALUES (3, 'third@ac-lumiere.example', 'Martin', 'Camille', '\x62697274682064617465', '\x4e2e71338d846d8a1ea33162fd465e15441faee6a464d2eec8ed8dfedbe672b5', '\xb317134fe849a22ccfdbc322add39bea746b3c1d5b9aa364ed4d170208f2defd72262d4b', NULL, NULL, NULL, 'fr', NULL, 0, NULL, NULL, NULL, NULL, ' martin camille ');
SELECT pg_catalog.setval('public.agents_id_seq', 2, false);
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
