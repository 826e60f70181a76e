-- Where each reader of a page said to be, and when: what the core's tally cannot tell.

create table atlas_latest (
    site text not null,
    subject text not null,
    person text not null,
    place text not null,
    at bigint not null,
    primary key (site, subject, person)
);

create index atlas_latest_newest on atlas_latest (site, subject, at);

create index atlas_latest_person on atlas_latest (site, person);
