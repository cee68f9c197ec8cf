//! What a round's panel does, as use cases: setting it up, declaring ties, reviewing, leading. Every check stands here and in the database.

mod assign;
mod desk;
mod discuss;
mod gate;
mod lead;
mod sheet;

pub use assign::{AssignInput, add_member, appoint, assign, assign_balanced, remind, remove_member, take_away};
pub use desk::{Saved, SheetInput, Then, declare, declare_on_sheet, hand_in, save};
pub use discuss::{join, note, say};
pub use gate::{
    counting_reviews, free_to_read, hidden_scores, hidden_sums, history_is_hidden, is_masked, may_lead, may_open_file, may_see_scores,
    seal, staff_board, staff_may_read, staff_pages,
};
pub use lead::ask_again;
pub use sheet::{apply_sheet, sheet};

pub(in crate::review::panel) use desk::{last_saved, typed_points as typed};
pub(in crate::review::panel) use discuss::NOTE_MAX;
pub(in crate::review::panel) use gate::refused;

use super::super::work::Board;
use crate::call::Call;
use crate::error::AppError;
use domain::facts::Input;
use domain::panel::{Aggregation, Average, Conflict, Given, PanelTerms, Stage, Total, aggregate, conflicts, total};
use domain::review::anchors_of;
use domain::ruleset::Criterion;
use domain::{ApplicationId, PersonId, Timestamp};
use std::collections::BTreeMap;
use store::Tx;
use store::panels::{self, Application, Member, PartOf, Review, Written};

/// The panel of a round as it stands: five statements.
#[derive(Clone, Debug)]
pub struct Panel {
    /// What the program file says.
    pub terms: PanelTerms,
    /// Who is or was on it, in the order that numbers them.
    pub members: Vec<Member>,
    /// The submitted applications, by number.
    pub applications: Vec<Application>,
    /// Every review, practice included.
    pub reviews: Vec<Review>,
    /// The parts that members, and whoever looks, have in organizations.
    pub parts: Vec<PartOf>,
    /// While the file seals the scores: until when. Nothing is made of them before, whoever asks.
    pub sealed: Option<Timestamp>,
}

/// Something that the official run waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The application.
    pub application: ApplicationId,
    /// Its number.
    pub number: String,
    /// Who has it in hand; none where somebody is to be found first.
    pub who: Option<String>,
    /// What is missing, in a sentence.
    pub what: String,
}

impl Missing {
    /// In one line.
    #[must_use]
    pub fn say(&self) -> String {
        match &self.who {
            Some(who) => format!("{}: {who}. {}", self.number, self.what),
            None => format!("{}: {}", self.number, self.what),
        }
    }
}

impl Panel {
    /// Loads a round's panel as it stands now, for whoever looks at it; none where its file has none.
    ///
    /// # Errors
    /// The store's failure.
    pub async fn load(tx: &mut Tx<'_>, board: &Board, looks: Option<PersonId>, now: Timestamp) -> Result<Option<Self>, AppError> {
        let Some(terms) = board.file.review.clone() else { return Ok(None) };
        let round = board.of.round.id;
        let members = panels::members(tx, round).await?;
        let applications = panels::applications(tx, round).await?;
        let reviews = panels::of_round(tx, round).await?;
        let parts = panels::parts_of_panel(tx, round, looks).await?;
        let sealed = terms.due.filter(|_| terms.is_sealed(now));
        Ok(Some(Self { terms, members, applications, reviews, parts, sealed }))
    }

    /// Loads a round's panel.
    ///
    /// # Errors
    /// [`AppError::NotFound`] where its file has none; the store's failure.
    pub async fn need(tx: &mut Tx<'_>, call: &Call, board: &Board) -> Result<Self, AppError> {
        Self::load(tx, board, call.actor.person, call.now).await?.ok_or(AppError::NotFound)
    }

    /// Who is on the panel now.
    pub fn sitting(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(|member| member.ended_at.is_none())
    }

    /// An application of the round.
    #[must_use]
    pub fn application(&self, id: ApplicationId) -> Option<&Application> {
        self.applications.iter().find(|application| application.id == id)
    }

    /// The conflicts between a person and an application.
    #[must_use]
    pub fn conflicts(&self, person: PersonId, application: &Application) -> Vec<Conflict> {
        let parts: Vec<_> = self.parts.iter().filter(|part| part.person == person).map(|part| part.part.clone()).collect();
        conflicts(&application.ties, &parts)
    }

    /// Refuses an application to whoever has a conflict with it.
    ///
    /// # Errors
    /// [`AppError::Forbidden`].
    pub fn must_be_free(&self, call: &Call, application: ApplicationId) -> Result<(), AppError> {
        let Some(application) = self.application(application) else { return Ok(()) };
        match self.conflicts(call.person()?, application).first() {
            Some(conflict) => Err(gate::refused(&conflict.say())),
            None => Ok(()),
        }
    }

    /// The reviews of an application that are on a desk or handed in, by people without a conflict.
    pub fn live<'p>(&'p self, application: &'p Application) -> impl Iterator<Item = &'p Review> {
        self.reviews.iter().filter(|review| {
            review.application == application.id
                && !review.practice
                && review.stage.is_live()
                && self.conflicts(review.person, application).is_empty()
        })
    }

    /// How many on the panel may read an application.
    #[must_use]
    pub fn free(&self, application: &Application) -> usize {
        self.sitting().filter(|member| self.conflicts(member.person.into(), application).is_empty()).count()
    }

    /// How many reviews an application needs: conflicts on the panel lower the number when too few are left.
    #[must_use]
    pub fn quorum(&self, application: &Application) -> usize {
        self.terms.quorum(self.free(application))
    }

    /// A reviewer's number in what is published: `R1` for the first on the panel.
    #[must_use]
    pub fn alias(&self, person: PersonId) -> String {
        alias_among(&self.members, person).unwrap_or_else(|| "R0".to_owned())
    }

    /// Every score that counts, none of them under a seal. Those of an application found ineligible don't: they would move the others' leniency.
    #[must_use]
    pub fn given(&self, criteria: &[Criterion]) -> Vec<Given> {
        let mut all = Vec::new();
        if self.sealed.is_some() {
            return all;
        }
        for application in self.applications.iter().filter(|application| application.eligible == Some(true)) {
            for review in self.live(application).filter(|review| review.stage == Stage::HandedIn) {
                for (criterion, points) in scored(criteria, &review.written) {
                    let (criterion, number) = (criterion.key.clone(), application.number.clone());
                    all.push(Given { criterion, number, reviewer: self.alias(review.person), points });
                }
            }
        }
        all
    }

    /// What the scores come to so far; none where they can't be averaged.
    #[must_use]
    pub fn averages(&self, board: &Board) -> Vec<Average> {
        let rules = &board.file.ranking;
        let how = rules.panel.unwrap_or(Aggregation::Mean);
        aggregate(how, &self.given(&rules.criteria), &rules.rubric_ends()).map(|all| all.averages).unwrap_or_default()
    }

    /// The rubric inputs of an application, from the averages: how many reviewed, their raw mean and the number used.
    #[must_use]
    pub fn inputs(&self, board: &Board, averages: &[Average], number: &str, applicant: &str) -> Vec<(String, Input)> {
        let how = board.file.ranking.panel.map_or("", Aggregation::plain);
        let of = |average: &Average| {
            let reviews =
                || self.reviews.iter().filter(|review| review.number == number && !review.practice && review.stage == Stage::HandedIn);
            let source = format!(
                "A panel of {}: raw mean {}, used {} ({how})",
                average.reviews,
                average.raw.rounded(2),
                domain::exact::Exact::from(average.used).rounded(2)
            );
            let synthetic = reviews().any(|review| review.synthetic);
            (average.criterion.clone(), Input { value: average.used, source, year: None, place: applicant.to_owned(), synthetic })
        };
        averages.iter().filter(|average| average.number == number).map(of).collect()
    }

    /// What the official run waits for on an application.
    #[must_use]
    pub fn missing(&self, application: &Application) -> Vec<Missing> {
        let missing =
            |who: Option<String>, what: String| Missing { application: application.id, number: application.number.clone(), who, what };
        let quorum = self.quorum(application);
        if quorum == 0 {
            return vec![missing(
                None,
                "Nobody on the panel is free of a conflict with this applicant. Put somebody else on it.".to_owned(),
            )];
        }
        let live: Vec<&Review> = self.live(application).collect();
        let mut all = Vec::new();
        if live.len() < quorum {
            let more = quorum - live.len();
            let who = if more == 1 { "One more reviewer is".to_owned() } else { format!("{more} more reviewers are") };
            all.push(missing(None, format!("{who} to be assigned.")));
        }
        for review in live.into_iter().filter(|review| review.stage.waits()) {
            let what = if review.stage == Stage::AskedAgain { "Another look was asked for." } else { "The review is not handed in." };
            all.push(missing(Some(review.person_name.clone()), what.to_owned()));
        }
        all
    }

    /// Each reviewer's total of an application, of those that are handed in; none under a seal.
    #[must_use]
    pub fn totals(&self, application: &Application, criteria: &[Criterion]) -> Vec<Total> {
        self.live(application)
            .filter(|review| review.stage == Stage::HandedIn && self.sealed.is_none())
            .filter_map(|review| Some(Total { reviewer: review.person_name.clone(), points: total(scored(criteria, &review.written))? }))
            .collect()
    }
}

/// The number that stands for somebody who is or was on a panel; none for anybody else.
#[must_use]
pub fn alias_among(members: &[Member], person: PersonId) -> Option<String> {
    members.iter().position(|member| member.person == person.0).map(|index| format!("R{}", index + 1))
}

/// What members of a panel call one of theirs: by name; in a blind review by number, and the manager who leads it by that.
#[must_use]
pub fn called(members: &[Member], blind: bool, person: PersonId, name: &str) -> String {
    if !blind {
        return name.to_owned();
    }
    alias_among(members, person).map_or_else(|| "The chair".to_owned(), |alias| format!("Reviewer {alias}"))
}

/// The rubric criteria that are scored, with their points.
pub fn scored<'c>(criteria: &'c [Criterion], written: &BTreeMap<String, Written>) -> Vec<(&'c Criterion, rust_decimal::Decimal)> {
    let points = |criterion: &Criterion| written.get(&criterion.key).and_then(|one| one.points);
    criteria
        .iter()
        .filter(|criterion| anchors_of(criterion).is_some())
        .filter_map(|criterion| Some((criterion, points(criterion)?)))
        .collect()
}

/// The rubric criteria, in the rules' order.
#[must_use]
pub fn rubrics(board: &Board) -> Vec<&Criterion> {
    board.file.ranking.criteria.iter().filter(|criterion| anchors_of(criterion).is_some()).collect()
}
