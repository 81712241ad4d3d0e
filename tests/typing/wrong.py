"""What a type checker must refuse: every line with a comment, and no other."""

from __future__ import annotations

from datetime import date

import slaengine as sla

pack = sla.load_pack("vn-national")
engine = sla.Engine(pack)
case = sla.Case(procedure="1.001193", level="commune", received_at=date(2025, 4, 28))
outcome = engine.assess(case)
office = pack.calendars["vn-public"]

sla.TimeLimit("5", sla.Unit.WORKING_DAY)  # a string as amount
sla.TimeLimit(5, "working_day")  # a string as unit
sla.Case(procedure="1.001193", level="commune")  # no receipt
sla.Case("1.001193", date(2025, 4, 28))  # no names
sla.Case(procedure="1.001193", received_at="2025-04-28")  # text as time
sla.Case(procedure="1.001193", received_at=date(2025, 4, 28), deadline=date(2025, 5, 5))  # an unknown field
sla.Case(procedure="1", received_at=date(2025, 4, 28), suspensions=[date(2025, 4, 29)])  # a date as stop
sla.Case(procedure="1", received_at=date.max, suspensions=[sla.Restart(date(2025, 4, 29))])  # in another's list
sla.Suspension("2025-04-29")  # text as start
sla.Suspension(start=date(2025, 4, 29), until=date(2025, 5, 5))  # an unknown field
sla.Extension(1.5, "working_day", date(2025, 5, 2))  # a float as amount
sla.Restart(at=date(2025, 5, 2))  # no request
case.level = "province"  # records do not change
sla.Engine(pack, True)  # a positional boolean
sla.Engine("vn-national")  # a name as pack
sla.load_pack("vn-national", True)  # a positional boolean
sla.Engine(pack, known_at="today")  # an unknown word
sla.Engine(pack, known_at="2025-04-28")  # text as day
engine.steps(case, {"1": date(2025, 4, 29)})  # a step by name
engine.steps(case, {1: date(2025, 4, 29)}, date(2025, 5, 6))  # a positional today
pack.competent_level("1.001193", "district")  # no day
outcome.used_percent + 1  # there may be none
engine.assess(case, date(2025, 5, 6))  # a positional today
engine.assess(case, errors="ignore")  # an unknown choice
outcome.due_at.date()  # there may be none
outcome.margin = 0  # answers do not change
deadline = outcome.deadline  # another word
office.add_working_days("2025-04-28", 1)  # text as day
office.is_working_day(20250428)  # a number as day
sla.assess_table([case], engine)  # records as table
sla.assess_table({"procedure": ["1"]}, engine, date(2025, 5, 6))  # a positional today
unknown = sla.Deadline  # no such name
