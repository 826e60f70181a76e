-- What the moderator's pages ask: the decisions of a site newest first, and a person's history in figures.

create index interactions_decisions on interactions (site, interaction)
    where kind in ('approve', 'hold', 'reject', 'remove', 'undo', 'settings', 'exclude', 'include');
create index comments_history on comments (site, person, status);
