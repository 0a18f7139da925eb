"""The staff with their links and sessions, the log of their changes, and what happened lately."""

from __future__ import annotations

import time

from bot.json_text import from_text
from bot.store.parts.database import Database, Steps
from bot.store.records import Activity, Change, Role, Staff

MINUTES = 60  # of the last hour
NEWEST_EVENTS = 50_000  # that the first page counts

FIND_STAFF = "SELECT id, name, role, made FROM staff WHERE name = @1 AND revoked IS NULL"
ADD_STAFF = "INSERT INTO staff (name, role, made) VALUES (@1, @2, @3)"
SET_ROLE = "UPDATE staff SET role = @2 WHERE id = @1"
ADD_LINK = "INSERT INTO staff_links (digest, staff, until) VALUES (@1, @2, @3)"
END_LINKS = "UPDATE staff_links SET used = @2 WHERE staff = @1 AND used IS NULL"
USE_LINK = "UPDATE staff_links SET used = @2 WHERE digest = @1 AND used IS NULL AND until > @2 RETURNING staff"
ADD_SESSION = "INSERT INTO staff_sessions (digest, staff, made, until) VALUES (@1, @2, @3, @4)"
STAFF_BY_ID = "SELECT id, name, role, made FROM staff WHERE id = @1 AND revoked IS NULL"
STAFF_OF_SESSION = """
SELECT staff.id, name, role, staff.made FROM staff_sessions JOIN staff ON staff.id = staff
WHERE digest = @1 AND until > @2 AND revoked IS NULL"""
ALL_STAFF = """
SELECT id, name, role, made, (SELECT count(*) FROM staff_sessions WHERE staff = staff.id AND until > @1)
FROM staff WHERE revoked IS NULL ORDER BY name"""
REVOKE = "UPDATE staff SET revoked = @2 WHERE id = @1"
END_SESSION = "DELETE FROM staff_sessions WHERE digest = @1"
END_SESSIONS = "DELETE FROM staff_sessions WHERE staff = @1"
LOG_CHANGE = "INSERT INTO audit (time, who, did, place, before, after) VALUES (@1, @2, @3, @4, @5, @6)"
CHANGES = "SELECT who, did, place, before, after, time FROM audit ORDER BY id DESC LIMIT @1"
TURNS = """
SELECT time, data FROM (SELECT id, time, data, kind FROM events ORDER BY id DESC LIMIT @2) AS newest
WHERE time >= @1 AND kind = 'turn'"""
OPEN_TICKETS = "SELECT count(*) FROM tickets WHERE state = 'open'"


class PeoplePart(Database):
    async def invite(self, name: str, role: Role | None, link: str, until: float) -> Staff | None:
        now = time.time()

        def steps() -> Steps[Staff | None]:
            found = yield FIND_STAFF, (name,)
            if not found and role is None:
                return None
            if not found:
                yield ADD_STAFF, (name, role, now)
                found = yield FIND_STAFF, (name,)
            one = Staff(*found[0])
            yield END_LINKS, (one.id, now)
            if role is not None:
                yield SET_ROLE, (one.id, role)
            yield ADD_LINK, (link, one.id, until)
            return Staff(one.id, one.name, role or one.role, one.made)

        return await self.transact(steps)

    async def sign_in(self, link: str, session: str, until: float) -> Staff | None:
        now = time.time()

        def steps() -> Steps[Staff | None]:
            used = yield USE_LINK, (link, now)
            found = (yield STAFF_BY_ID, (used[0][0],)) if used else []
            if not found:
                return None
            one = Staff(*found[0])
            yield ADD_SESSION, (session, one.id, now, until)
            yield LOG_CHANGE, (now, one.name, "signed in", "", "", "")
            return one

        return await self.transact(steps)

    async def signed_in(self, session: str) -> Staff | None:
        return next((Staff(*row) for row in await self.look(STAFF_OF_SESSION, session, time.time())), None)

    async def sign_out(self, session: str) -> None:
        await self.change(END_SESSION, session)

    async def staff(self) -> list[Staff]:
        return [Staff(*row) for row in await self.read(ALL_STAFF, time.time())]

    async def revoke(self, name: str) -> bool:
        now = time.time()

        def steps() -> Steps[bool]:
            found = yield FIND_STAFF, (name,)
            for id, *_ in found:
                yield REVOKE, (id, now)
                yield END_LINKS, (id, now)
                yield END_SESSIONS, (id,)
            return bool(found)

        return await self.transact(steps)

    async def log_change(self, change: Change) -> None:
        await self.change(LOG_CHANGE, time.time(), change.who, change.did, change.place, change.before, change.after)

    async def changes(self, limit: int) -> list[Change]:
        return [Change(*row) for row in await self.read(CHANGES, limit)]

    async def activity(self, since: float, now: float) -> Activity:
        verdicts: dict[str, int] = {}
        unknowns: dict[str, int] = {}
        minutes = [0] * MINUTES
        for at, text in await self.read(TURNS, min(since, now - 60 * MINUTES), NEWEST_EVENTS):
            data = from_text(text)
            if at >= since:
                verdict = str(data.get("verdict"))
                verdicts[verdict] = verdicts.get(verdict, 0) + 1
                if name := data.get("known_unknown"):
                    unknowns[name] = unknowns.get(name, 0) + 1
            if 0 <= (back := int((now - at) // 60)) < MINUTES:
                minutes[MINUTES - 1 - back] += 1
        ((tickets,),) = await self.read(OPEN_TICKETS)
        return Activity(verdicts, tuple(minutes), tickets, unknowns)
