-- What is asked on a subject: each change is a new version. `options` is a list of {"id", "text", "gone"}; an id is never
-- given to another text, and what is gone is kept, since votes rest on it. `closes` is in milliseconds since the epoch.
create table poll_questions (
    site text not null,
    subject text not null,
    version bigint not null,
    question text not null,
    options text not null,
    kind text not null,
    closes bigint,
    results text not null,
    withdrawn bigint not null default 0,
    person text not null,
    at bigint not null,
    primary key (site, subject, version)
);
create index poll_questions_newest on poll_questions (site, at);
create index poll_questions_person on poll_questions (site, person);
