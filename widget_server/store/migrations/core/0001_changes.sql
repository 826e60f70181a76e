-- What changed last, one row a subject: how processes that share a database tell each other.
-- The clock is one row: whoever moves it holds it until commit, so that numbers become visible in order.

create table change_clock (
    site text not null,
    seq bigint not null,
    primary key (site)
);

insert into change_clock (site, seq) values ('', 0);

create table changes (
    site text not null,
    subject text not null,
    seq bigint not null,
    primary key (site, subject)
);

create index changes_seq on changes (seq);
