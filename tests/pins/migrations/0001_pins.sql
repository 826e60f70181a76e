-- Where everybody pinned what.
create table pins (
    site text not null,
    subject text not null,
    person text not null,
    place text not null,
    interaction text not null,
    at bigint not null,
    primary key (site, subject, person)
);
