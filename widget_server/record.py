"""The record: one transaction that changes the state and the tally, and writes the interaction down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from widget_server.doing import Doing, Effect, Outcome, Prepared, Unchanged
from widget_server.errors import Conflict, NotFound
from widget_server.ids import later_than
from widget_server.people import access
from widget_server.store import choices, comments, interactions, outbox, own, people, subjects
from widget_server.store.changes import touched
from widget_server.store.choices import Place
from widget_server.store.interactions import Once
from widget_server.store.known import Known, known
from widget_server.vocabulary import (
    Add,
    Choose,
    Clear,
    Comment,
    Erase,
    Intent,
    Interaction,
    Judge,
    Record,
    Review,
    Rewrite,
    Role,
    Status,
    Transaction,
    Value,
    Verdict,
    Write,
)

STATUS_OF = {
    Verdict.PUBLISH: Status.PUBLISHED,
    Verdict.HOLD: Status.HELD,
    Verdict.REJECT: Status.REJECTED,
}

STANDING = {
    Status.PUBLISHED: Review(Verdict.PUBLISH),
    Status.HELD: Review(Verdict.HOLD, ("still_held",)),
    Status.REJECTED: Review(Verdict.REJECT, ("decided_before",)),
    Status.REMOVED: Review(Verdict.REJECT, ("decided_before",)),
}
"""What is said of a text that is what it was."""


def record(doing: Doing, prepared: Prepared, met: Known) -> Transaction[Outcome]:
    """All that one doing changes, where this was `met` before; raises `Unchanged` where that is nothing."""
    site, person, intent = doing.site.id, doing.person, prepared.intent
    if _stands(intent, met):  # told before anything is written, or its neighbours would be begun anew
        key = met.subject
        person = replace(person, name=met.name) if doing.role is Role.PERSON else person
        effect = Effect(changed=False, interaction=min(met.held.values(), default=prepared.id))
    else:
        doing, root = yield from _remembered(doing, prepared, met)
        key, person = doing.subject.key, doing.person
        effect = yield from _apply(doing, prepared, met, root)
    review = effect.review or prepared.review
    interaction = Interaction(
        site=site,
        id=effect.interaction,
        at=doing.now,
        subject=key,
        widget=doing.widget,
        kind=intent.kind,
        person=person.id if doing.role is not Role.READER else "",
        verdict=review.verdict,
        reasons=review.reasons,
        data=effect.data,
        target=effect.target,
        client=doing.client,
    )
    outcome = Outcome(interaction, person, effect.changed, effect.text)
    if not effect.changed:
        raise Unchanged(outcome)
    yield from interactions.add(interaction, prepared.once)
    yield from outbox.add(interaction, prepared.notifiers)
    yield from own.applied(interaction, prepared.own)
    yield from touched(site, key)
    return outcome


def _remembered(doing: Doing, prepared: Prepared, met: Known) -> Transaction[tuple[Doing, int]]:
    """The doing with its subject and person as stored, and the place of a root; what is remembered is left as it is."""
    person, key, root = doing.person, met.subject, 0
    intent = prepared.intent
    roots = int(isinstance(intent, Write) and intent.parent is None and prepared.earlier is None)
    if roots or not met.remembers(doing.subject):
        key, root = yield from subjects.with_roots(doing.subject, doing.now, roots)
    if doing.role is Role.PERSON:
        if met.person is not None and prepared.name in {None, met.person.name}:
            person = met.person
        else:
            person = yield from people.ensure(person, prepared.name, doing.now)
    return replace(doing, subject=replace(doing.subject, key=key), person=person), root


def _stands(intent: Intent, met: Known) -> bool:
    """Whether a choice is what it is to be."""
    match intent:
        case Choose(values=values):
            return set(values) == set(met.held)
        case _:
            return isinstance(intent, Clear) and not _taken_back(intent, met)


def _taken_back(intent: Clear, met: Known) -> set[str]:
    """The values that are held and are to go."""
    return set(met.held) if intent.values is None else set(met.held) & set(intent.values)


def before(doing: Doing) -> Transaction[Known]:
    """What a doing meets."""
    place = Place(doing.site.id, doing.subject.key, doing.widget, doing.person.id)
    return (yield from known(place, doing.key))


def with_earlier(doing: Doing, prepared: Prepared, met: Known) -> Transaction[Prepared]:
    """With the text that is there already, where a person has one alone."""
    match prepared.intent:
        case Write(single=True, parent=None):
            place = Place(doing.site.id, met.subject, doing.widget, doing.person.id)
            return replace(prepared, earlier=(yield from comments.of_person(place)))
        case _:
            return prepared


def done_before(doing: Doing, once: Once) -> Transaction[Outcome | None]:
    """What this very request did when it came before."""
    before = yield from interactions.done_before(doing.site.id, doing.person.id, once)
    if before is None:
        return None
    known = yield from people.get(doing.site.id, doing.person.id)
    return Outcome(before, known or doing.person, changed=False)


def _apply(  # noqa: PLR0911 - one for each intent
    doing: Doing, prepared: Prepared, met: Known, root: int
) -> Transaction[Effect]:
    place = Place(doing.site.id, doing.subject.key, doing.widget, doing.person.id)
    match prepared.intent:
        case Choose(values=values):
            yield from choices.choose(place, values, prepared.id, met.held)
            return Effect(changed=True, interaction=prepared.id, data={"values": list(values)})
        case Add(n=n, cap=cap, value=value):
            chosen = yield from choices.add(place, value, n, cap, prepared.id)
            return Effect(chosen.changed, chosen.interaction, data={"n": chosen.added, "value": value})
        case Clear() as clear:
            gone = _taken_back(clear, met)
            yield from choices.choose(place, sorted(set(met.held) - gone), prepared.id, met.held)
            data = {} if clear.values is None else {"values": sorted(gone)}
            return Effect(changed=True, interaction=prepared.id, data=data)
        case Write() as write:
            earlier = prepared.earlier
            effect = yield from (
                _rewritten(doing, prepared, earlier, doing.person.name)
                if earlier
                else _write(doing, prepared, write.parent, root)
            )
            return (yield from _chosen(effect, place, prepared.id, write.values, met))
        case Rewrite() as rewrite:
            comment = yield from _own(doing, rewrite.target, late=rewrite.late)
            effect = yield from _rewritten(doing, prepared, comment, comment.name)
            return (yield from _chosen(effect, place, prepared.id, rewrite.values, met))
        case Erase() as erase:
            return (yield from _erase(doing, prepared, erase))
        case Judge() as judge:
            return (yield from _judge(doing, prepared, judge))
        case Record() as noted:
            return (yield from _noted(doing, prepared, noted, met))


def _noted(doing: Doing, prepared: Prepared, noted: Record, met: Known) -> Transaction[Effect]:
    """A line of the record alone; about something that has to be there, where it names that."""
    if noted.target is None:
        return Effect(changed=True, interaction=prepared.id, data=noted.data)
    about: Mapping[str, Value] = {
        "site": doing.site.id,
        "subject": met.subject,
        "person": doing.person.id,
        "at": doing.now,
    }
    target = yield from own.target(doing.widget, noted.target, about)
    return Effect(target is not None, prepared.id, target, noted.data)


def _chosen(
    effect: Effect, place: Place, interaction: str, values: Sequence[str] | None, met: Known
) -> Transaction[Effect]:
    """The choice that comes with a text, which may be all that changes."""
    if values is None or set(values) == set(met.held):
        return effect
    yield from choices.choose(place, values, interaction, met.held)
    data = {**effect.data, "values": list(values)}
    return replace(effect, changed=True, interaction=interaction, data=data)


def _write(doing: Doing, prepared: Prepared, parent: str | None, root: int) -> Transaction[Effect]:
    """The text has the id of its interaction: one identifier for one doing."""
    draft = _draft(doing, prepared, prepared.review, parent=parent)
    text = yield from comments.add(draft, None if parent else root)
    data = {"parent": parent, "length": len(prepared.rendered.source)}
    return Effect(changed=True, interaction=prepared.id, target=prepared.id, data=data, text=text)


def _rewritten(doing: Doing, prepared: Prepared, comment: Comment, name: str) -> Transaction[Effect]:
    """A text and a name in place of those that are there; no way round the queue, nor round a decision."""
    standing = STANDING[comment.status]
    if (comment.source, comment.name) == (prepared.rendered.source, name):
        return Effect(changed=False, interaction=comment.id, target=comment.id, review=standing)
    review = prepared.review
    waits = review.verdict is Verdict.PUBLISH and standing.verdict is not Verdict.PUBLISH
    if waits or standing.verdict is Verdict.REJECT:
        verdict = Verdict.HOLD if waits else review.verdict
        review = Review(verdict, (*review.reasons, *standing.reasons))
    draft = replace(_draft(doing, prepared, review, edited=doing.now), name=name)
    yield from comments.rewrite(comment, doing.site.id, draft)
    data = {"revision": comment.revision + 1, "length": len(draft.source)}
    return Effect(changed=True, interaction=prepared.id, target=comment.id, data=data, review=review)


def _erase(doing: Doing, prepared: Prepared, erase: Erase) -> Transaction[Effect]:
    comment = yield from _own(doing, erase.target, late=erase.late)
    yield from comments.erase(comment, doing.site.id)
    yield from people.forget_unused_name(doing.site.id, doing.person.id)
    return Effect(changed=True, interaction=prepared.id, target=erase.target)


def _judge(doing: Doing, prepared: Prepared, judge: Judge) -> Transaction[Effect]:
    """A decision, or with no status the way back to what stood before the last one."""
    comment = access.judged_text((yield from _text(doing, judge.target)))
    last = yield from interactions.last_decision(doing.site.id, judge.target)
    status, undone = judge.status, None
    if status is None:
        if last is None:
            message = "There is no decision on this comment to take back."
            raise NotFound(message)
        if judge.decision not in {None, last.id}:
            raise Conflict("This decision was taken back already, or another one followed it.")
        if last.data["revision"] != comment.revision:
            raise Conflict(
                "This comment was edited since that decision; look at the new text and decide anew."
            )
        status, undone = Status(last.data["before"]), last.id
    if status is comment.status:
        return Effect(changed=False, interaction=comment.id, target=judge.target)
    if judge.revision not in {None, comment.revision}:
        raise Conflict("This comment was edited meanwhile; look again.")
    if judge.seen not in {None, comment.status}:
        raise Conflict("Somebody else decided on this comment meanwhile; look again.")
    yield from comments.move(comment, doing.site.id, status)
    data = {
        "before": str(comment.status),
        "after": str(status),
        "revision": comment.revision,
        "undoes": undone,
    }
    # What is taken back first is the last one.
    this = later_than(last.id, prepared.id) if last else prepared.id
    return Effect(changed=True, interaction=this, target=judge.target, data=data)


def _text(doing: Doing, target: str) -> Transaction[Comment]:
    stored = yield from comments.get(doing.site.id, target)
    return access.text_at(stored, doing.subject.key, doing.widget)


def _own(doing: Doing, target: str, *, late: bool) -> Transaction[Comment]:
    comment = yield from _text(doing, target)
    return access.own_text(comment, doing.person, doing.site.settings, doing.now, late=late)


def _draft(
    doing: Doing, prepared: Prepared, review: Review, *, parent: str | None = None, edited: int | None = None
) -> comments.Draft:
    return comments.Draft(
        site=doing.site.id,
        id=prepared.id,
        subject=doing.subject.key,
        widget=doing.widget,
        parent=parent,
        person=doing.person.id,
        name=doing.person.name,
        source=prepared.rendered.source,
        html=prepared.rendered.html,
        html_version=prepared.rendered.version,
        status=STATUS_OF[review.verdict],
        created=doing.now,
        edited=edited,
        staff=doing.role is Role.MODERATOR,
    )
