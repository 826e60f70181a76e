-- The log of the moderators' doings has those on the pages of widgets, too.

drop index interactions_decisions;
create index interactions_decisions on interactions (site, interaction)
    where kind in ('approve', 'hold', 'reject', 'remove', 'undo', 'settings', 'exclude', 'include',
        'ask', 'change', 'reword', 'close', 'reopen', 'withdraw');
