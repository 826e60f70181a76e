-- The links that were passed on, by what they carry, for as long as it is told who came by them.
create table share_links (
    site text not null,
    code text not null,
    subject text not null,
    person text not null,
    interaction text not null,
    at bigint not null,
    arrivals bigint not null default 0,
    primary key (site, code)
);
create index share_links_subject on share_links (site, subject);
create index share_links_person on share_links (site, person);
create index share_links_at on share_links (site, at);
