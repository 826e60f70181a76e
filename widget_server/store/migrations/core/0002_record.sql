-- Who embeds.
create table sites (
    site text not null primary key,
    name text not null,
    origins text not null,
    settings text not null,
    created bigint not null
);

-- What interactions are about. `roots` counts the places given to root comments, so that each has its own path.
create table subjects (
    site text not null,
    subject text not null,
    url text,
    title text,
    created bigint not null,
    roots bigint not null default 0,
    primary key (site, subject)
);

-- Other keys by which a subject is known: its page before a move, an importer's key.
create table aliases (
    site text not null,
    alias text not null,
    subject text not null,
    primary key (site, alias)
);

-- Who interacts. A row is made with the first interaction, never by looking.
create table people (
    site text not null,
    person text not null,
    kind text not null,
    name text not null default '',
    created bigint not null,
    primary key (site, person)
);

-- Every doing, append-only. `client` is a keyed hash of a network, never an address.
create table interactions (
    site text not null,
    interaction text not null,
    at bigint not null,
    subject text not null,
    widget text not null,
    kind text not null,
    person text not null,
    target text,
    verdict text not null,
    reasons text not null,
    data text not null,
    client text,
    idempotency text,
    digest text,
    primary key (site, interaction)
);
create unique index interactions_idempotency on interactions (site, person, idempotency)
    where idempotency is not null;
create index interactions_target on interactions (site, target, interaction) where target is not null;
create index interactions_subject on interactions (site, subject, widget, interaction);
create index interactions_person on interactions (site, person, interaction);

-- What each person has chosen, as it stands. An excluded choice is kept, and not counted.
create table choices (
    site text not null,
    subject text not null,
    widget text not null,
    person text not null,
    value text not null,
    amount bigint not null,
    interaction text not null,
    excluded bigint not null default 0,
    primary key (site, subject, widget, person, value)
);
create index choices_person on choices (site, person, subject);

-- How many chose what: kept in the same transaction as the choice.
create table tallies (
    site text not null,
    subject text not null,
    widget text not null,
    value text not null,
    count bigint not null,
    primary key (site, subject, widget, value)
);

-- Texts. `path` orders a thread: for each level the number of digits, then the digits (2 → `12`, 14 → `214`), so that
-- a plain comparison of text puts every comment after its parent and before its parent's next sibling.
-- `live` counts the published comments below; a text that is not published stays as a tombstone while there are any.
create table comments (
    site text not null,
    comment text not null,
    subject text not null,
    widget text not null,
    parent text,
    root text not null,
    path text not null,
    depth bigint not null,
    person text not null,
    name text not null,
    staff bigint not null default 0,
    source text not null,
    html text not null,
    html_version text not null,
    status text not null,
    created bigint not null,
    edited bigint,
    children bigint not null default 0,
    live bigint not null default 0,
    visible bigint not null default 0,
    revision bigint not null default 1,
    primary key (site, comment)
);
create unique index comments_path on comments (site, subject, path);
create index comments_roots on comments (site, subject, widget, path) where depth = 0 and visible = 1;
create index comments_replies on comments (site, root, path) where visible = 1;
create index comments_status on comments (site, status, comment);
create index comments_person on comments (site, person, comment);

-- Who keeps order.
create table moderators (
    site text not null,
    moderator text not null,
    email text not null,
    name text not null,
    role text not null,
    created bigint not null,
    primary key (site, moderator)
);
create unique index moderators_email on moderators (site, email);

-- One-time sign-in links and sessions; only digests of the secrets are kept.
create table sign_in_links (
    site text not null,
    digest text not null,
    moderator text not null,
    created bigint not null,
    expires bigint not null,
    used bigint,
    primary key (site, digest)
);
create table admin_sessions (
    site text not null,
    digest text not null,
    moderator text not null,
    agent text not null,
    created bigint not null,
    seen bigint not null,
    expires bigint not null,
    revoked bigint,
    primary key (site, digest)
);
create index admin_sessions_moderator on admin_sessions (site, moderator);
