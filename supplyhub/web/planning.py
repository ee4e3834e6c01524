"""Planning runs: start one, watch it, stop it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import Blueprint, render_template, request

from supplyhub.domain.people import Actor
from supplyhub.domain.planning import RunOptions
from supplyhub.domain.refusals import words
from supplyhub.schemas.forms import RunForm, read_form
from supplyhub.service import places, planning
from supplyhub.service.unit_of_work import Work
from supplyhub.web.choices import Faults
from supplyhub.web.door import Page, now, perform, reading, redrawn_by
from supplyhub.web.drafts import Draft
from supplyhub.web.paging import PAGE, before_of, older_than
from supplyhub.web.wording import CHINA

blueprint = Blueprint("planning", __name__)

BASES = ("stock", "surplus")


def draw_all(draft: Draft) -> str:
    """The runs of the district, and the form that starts one."""
    with reading() as (work, actor):
        runs = planning.list_runs(work, actor, before=before_of(request.args), limit=PAGE)
        own = places.read_division(work, actor, actor.division_code)
        return render_template(
            "runs.html",
            actor=actor,
            draft=draft,
            runs=runs,
            last=planning.list_runs(work, actor, limit=1),
            older=older_than(runs),
            place_names=work.places.name_divisions(run.division_id for run in runs),
            places=[own, *places.read_children(work, actor, own.code)],
            lenders=RunForm.LENDERS,
            bases=BASES,
            today=now().astimezone(CHINA).date(),
        )


@blueprint.get("/runs")
def show_all() -> str:
    """The runs of the district."""
    return draw_all(Draft())


@blueprint.post("/runs")
@redrawn_by(draw_all)
def start_run() -> Page:
    """Queue a run."""
    form = read_form(RunForm, request.form)

    def act(work: Work, actor: Actor) -> str:
        return f"/runs/{planning.start_run(work, actor, form['division'], _options(form))}"

    return perform("start_run", act, words("The run is queued."))


def _options(form: dict[str, Any]) -> RunOptions:
    faults = Faults()
    if form["basis"] not in BASES:
        faults.add("basis", words("choose one of the bases shown"))
    faults.must_be_none()
    shares = {tier.value: form[f"aid_{tier.value}"] for tier in RunForm.LENDERS}
    return RunOptions(
        as_of=form["as_of"],
        release_reserves=form["release_reserves"],
        mutual_aid={tier: share for tier, share in shares.items() if Decimal(share) > 0},
        mutual_aid_basis=form["basis"],
        mutual_aid_penalty_metres=form["penalty_km"],
    )


def draw(draft: Draft, run_id: int) -> str:
    """One run: how far it has come, or what came of it."""
    return _draw_run("run.html", draft, run_id)


@blueprint.get("/runs/<row:run_id>")
def show(run_id: int) -> str:
    """One run."""
    return draw(Draft(), run_id)


@blueprint.get("/runs/<row:run_id>/progress")
def show_progress(run_id: int) -> str:
    """The part of the page that changes while the run goes on."""
    return _draw_run("_run_progress.html", Draft(), run_id)


def _draw_run(template: str, draft: Draft, run_id: int) -> str:
    with reading() as (work, actor):
        run = planning.read_run(work, actor, run_id)
        return render_template(
            template,
            actor=actor,
            draft=draft,
            run=run,
            place=work.places.name_divisions([run.division_id])[run.division_id],
        )


@blueprint.post("/runs/<row:run_id>/cancellation")
@redrawn_by(draw)
def cancel_run(run_id: int) -> Page:
    """Stop a run."""

    def act(work: Work, actor: Actor) -> str:
        planning.cancel_run(work, actor, run_id)
        return f"/runs/{run_id}"

    return perform("cancel_run", act, words("The run is stopped; what it has planned by now is kept."))
