"""Merchants as the console finds them, and those who may be written to."""

from __future__ import annotations

from typing import Any

from bot.json_text import from_text
from bot.model import Address, Consent, Language
from bot.store.parts.database import Database
from bot.store.records import Lead, Person
from bot.store.state import known_fields, ticket_of
from bot.store.tables import TICKET

# A number may be a ticket's; groups are nobody.
FIND = """
SELECT address, max(name), max(at), sum(asked) FROM (
  SELECT address, name, coalesce(heard, opened) AS at, 1 AS asked FROM tickets
  WHERE id = @2 OR lower(name) LIKE @1 ESCAPE '\\' OR lower(address) LIKE @1 ESCAPE '\\'
  UNION ALL SELECT address, '', touched, 0 FROM conversations WHERE lower(address) LIKE @1 ESCAPE '\\'
  UNION ALL SELECT address, '', made, 0 FROM subscriptions WHERE lower(address) LIKE @1 ESCAPE '\\'
) AS found GROUP BY address ORDER BY max(at) DESC LIMIT @3"""
LEADS = f"SELECT {TICKET} FROM tickets WHERE lead = 1 ORDER BY opened DESC LIMIT @1"
CONSENTS = """SELECT address, state FROM conversations WHERE state LIKE '%"consent":{%' LIMIT @1"""
NAMES = "SELECT address, max(name) FROM tickets WHERE address IN @1:text[] GROUP BY address"


class PersonsPart(Database):
    async def find_people(self, text: str, limit: int) -> list[Person]:
        sought = text.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        number = int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else -1
        rows = await self.read(FIND, f"%{sought}%", number, limit)
        found: dict[Address, Person] = {}
        for address, name, last, tickets in rows:
            here = Address.of(address)
            private = Address(here.channel, here.user, here.user)  # what is kept of a person is of all their chats
            known = found.get(private, Person(private))
            found[private] = Person(
                private, known.name or name, max(known.last, last or 0.0), known.tickets + int(tickets)
            )
        return list(found.values())

    async def leads(self, limit: int) -> list[Lead]:
        tickets = [ticket_of(row) for row in await self.read(LEADS, limit)]
        states = {Address.of(address): from_text(state) for address, state in await self.read(CONSENTS, limit)}
        newest: dict[Address, Lead] = {}
        for one in tickets:
            consent = consent_of(states.get(one.address))
            newest.setdefault(one.address, Lead(one.address, one.name, one.lang, consent, one))
        others = [address for address in states if address not in newest]
        names = dict(map(tuple, await self.read(NAMES, [str(one) for one in others]))) if others else {}
        for address in others:
            lang: Language = "zh" if states[address].get("lang") == "zh" else "en"
            newest[address] = Lead(address, str(names.get(str(address), "")), lang, consent_of(states[address]))
        return sorted(newest.values(), key=lambda one: -one.since)


def consent_of(state: dict[str, Any] | None) -> Consent | None:
    """Return the consent of a stored conversation; the rest of it is not needed here."""
    return Consent(**known_fields(Consent, state["consent"])) if state and state.get("consent") else None
