-- What notifiers are still to be told: a row for each of them and interaction, gone as soon as it was told.

create table outbox (
    site text not null,
    notifier text not null,
    interaction text not null,
    due bigint not null,
    attempts bigint not null default 0,
    fault text not null default '',
    primary key (site, notifier, interaction)
);

create index outbox_due on outbox (notifier, due);
