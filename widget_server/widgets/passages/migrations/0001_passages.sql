-- Passages of a page's text that somebody chose, as W3C TextQuoteSelectors. What is said of one stands under the
-- subject `subject#q=passage`.
create table passages (
    site text not null,
    subject text not null,
    passage text not null,
    exact text not null,
    prefix text not null,
    suffix text not null,
    person text not null,
    at bigint not null,
    primary key (site, subject, passage)
);
create index passages_person on passages (site, person);
