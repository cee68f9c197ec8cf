//! What an approved amendment brings with it in the same transaction: names and regions as the new file has them, scores that are void,
//! reviews that are asked for again, and the notice to every applicant.

use super::work::{Effect, matched};
use crate::call::Call;
use crate::error::AppError;
use crate::manage::work as importing;
use crate::review::work::Board;
use domain::amendment::Change;
use domain::panel::Stage;
use domain::program::ProgramFile;
use store::amendments::{self, Amendment};
use store::panels::{self, Review};
use store::programs;
use store::{Tx, events, messages};

/// How many changes a mail lists before it points to the page.
const IN_MAIL: usize = 20;

/// The program's name, further appropriations and the regions as the new file has them.
pub(super) async fn record_names(
    tx: &mut Tx<'_>,
    call: &Call,
    board: &Board,
    amendment: &Amendment,
    file: &ProgramFile,
) -> Result<(), AppError> {
    let (text, _) = programs::source_of_version(tx, amendment.file).await?;
    let names = matched(tx, &text, file, board).await?;
    programs::set_program(tx, board.of.program.id, &file.program.name, &file.program.summary).await?;
    importing::record_appropriations(tx, call, board.of.program.id, file, &names).await?;
    if board.file.regions != file.regions {
        importing::record_regions(tx, call, file, &names, board.of.round.id).await?;
    }
    Ok(())
}

/// Makes the scores on changed rubrics void: staff's are taken away, each kept in its event; a panel's reviews are asked for again. Gives how
/// many.
pub(super) async fn void_scores(
    tx: &mut Tx<'_>,
    call: &Call,
    board: &Board,
    amendment: &Amendment,
    file: &ProgramFile,
    keys: &[String],
) -> Result<usize, AppError> {
    let mut count = 0;
    for key in keys {
        let name = file.ranking.criterion(key).map_or(key.as_str(), |criterion| &criterion.name);
        let why = format!("The rules for “{name}” were amended: it is scored anew.");
        for void in amendments::void_scores(tx, board.of.round.id, key).await? {
            let mut event = call.event(board.subject(), "application", void.application, "score made void by an amendment");
            event.from = Some(void.points);
            event.why = Some(why.clone());
            event.facts = serde_json::json!({
                "number": void.number, "criterion": key, "name": name, "amendment": amendment.id, "reason_given": void.reason,
                "scored_by": void.scored_by,
            });
            events::add(tx, &event).await?;
            count += 1;
        }
    }
    if keys.is_empty() {
        return Ok(count);
    }
    let reviews = panels::of_round(tx, board.of.round.id).await?;
    for review in reviews.into_iter().filter(|review| !review.practice && review.stage.is_live()) {
        count += ask_anew(tx, call, board, amendment, file, keys, review).await?;
    }
    Ok(count)
}

/// Takes the levels on changed rubrics out of a review; handed in, it is on the reviewer's desk again. Gives how many levels went.
async fn ask_anew(
    tx: &mut Tx<'_>,
    call: &Call,
    board: &Board,
    amendment: &Amendment,
    file: &ProgramFile,
    keys: &[String],
    review: Review,
) -> Result<usize, AppError> {
    let mut written = review.written.clone();
    let mut void = 0;
    for (_, one) in written.iter_mut().filter(|(key, one)| keys.contains(key) && one.points.is_some()) {
        one.points = None;
        void += 1;
    }
    let handed_in = review.stage == Stage::HandedIn;
    if void == 0 && !handed_in {
        return Ok(0);
    }
    let names: Vec<&str> = keys.iter().filter_map(|key| file.ranking.criterion(key)).map(|criterion| criterion.name.as_str()).collect();
    let why = format!("The rules were amended. Score anew: {}. The rest is as you left it.", names.join(", "));
    let (mut seen, mut stage) = (review.version, review.stage);
    if handed_in {
        let asked = domain::panel::Review { stage: review.stage }.ask_again().map_err(|refusal| AppError::Conflict(refusal.to_string()))?;
        panels::record_stage(tx, review.id, asked.stage, &why, None, seen).await?;
        seen += 1;
        stage = asked.stage;
    }
    panels::record_written(tx, review.id, &written, call.now, seen).await?;
    let mut event = call.event(board.subject(), "application", review.application.0, "review asked for again by an amendment");
    event.from = Some(review.stage.as_str().to_owned());
    event.to = Some(stage.as_str().to_owned());
    event.why = Some(why.clone());
    event.facts =
        serde_json::json!({ "number": review.number, "review": review.id, "name": review.person_name, "amendment": amendment.id });
    events::add(tx, &event).await?;
    let (base, id) = (&call.desk.house.base_url, review.id);
    let text = format!("Hello {},\n\n{why}\n\nYour review of {}:\n{base}/review/desk/{id}\n", review.person_name, review.number);
    let mail = call.message(&review.person_email, format!("To score anew: {}", review.number), text, "application", review.application.0);
    messages::add(tx, &mail).await?;
    Ok(void)
}

/// One change on a line of a mail.
fn line(change: &Change) -> String {
    let said = |text: &Option<String>| text.clone().unwrap_or_else(|| "nothing".to_owned());
    format!("- {}: was {}; now {}", change.what, said(&change.old), said(&change.new))
}

/// Tells everybody who prepares or certifies an application of the round.
pub(super) async fn tell_applicants(
    tx: &mut Tx<'_>,
    call: &Call,
    board: &Board,
    amendment: &Amendment,
    number: u32,
    effect: &Effect,
) -> Result<(), AppError> {
    let (of, base) = (&board.of, &call.desk.house.base_url);
    let mut changes: Vec<String> = effect.changes.iter().take(IN_MAIL).map(line).collect();
    if effect.changes.len() > IN_MAIL {
        changes.push(format!("- and {} more", effect.changes.len() - IN_MAIL));
    }
    let late = effect.late.map(|late| format!("{}\n\n", late.plain())).unwrap_or_default();
    let subject = format!("The rules were amended: {}, {}", of.program.name, of.round.name);
    let mut people = amendments::people_to_tell(tx, of.round.id).await?;
    // Who acts for several applicants is told once.
    people.sort_by(|a, b| (&a.email, a.application).cmp(&(&b.email, b.application)));
    people.dedup_by(|a, b| a.email == b.email);
    for person in people {
        let body = format!(
            "Hello {},\n\n{}\n\nWhy: {}\nAuthority: {}\n\n{late}What changed:\n{}\n\nVersion {number} of the rules is in force since {}. Its SHA-256 is {}. Every version and what changed stays readable:\n{base}/programs/{}/{}/rules\n",
            person.name,
            amendment.notice,
            amendment.reason,
            amendment.citation,
            changes.join("\n"),
            call.now.say_in(of.round.zone),
            effect.sha256,
            of.program.slug,
            of.round.slug,
        );
        messages::add(tx, &call.message(&person.email, subject.clone(), body, "application", person.application)).await?;
    }
    Ok(())
}
