//! How many statements the acts of a decision take: a submit at most twelve, and no more of them where more applicants are decided on. Only
//! the approval that makes the awards takes more, for each region.

use crate::app::Visitor;
use crate::road::Road;
use ::app::call::mint;
use uuid::Uuid;

/// A submit may take so many, with the session's own.
const MOST: u64 = 12;

impl Road {
    /// The statements of one form that is taken.
    async fn statements(&self, who: &Visitor, path: &str, fields: &[(&str, &str)]) -> u64 {
        let before = store::statements_on_this_thread();
        let answer = self.app.post(path, Some(who), fields).await;
        assert_eq!(answer.status, 303, "{path}: {}", answer.body);
        store::statements_on_this_thread() - before
    }

    /// What each act takes, from the first decision to the published results, with so many applicants beside the three.
    async fn acts(others: usize) -> Vec<(&'static str, u64)> {
        let road = Self::closed_among(others).await;
        let application = format!("/review/applications/{}", road.applications[0]);
        let mut taken = Vec::new();
        let eligible = [("eligible", "yes"), ("eligible_reason", "A district."), ("version", "")];
        taken.push(("eligibility", road.statements(&road.manager, &format!("{application}/eligibility"), &eligible).await));
        let score = [("criterion", "college_ties"), ("points", "100"), ("reason", "Signed."), ("version", "")];
        taken.push(("score", road.statements(&road.reviewer, &format!("{application}/score"), &score).await));
        let road = Self::screened_of(road).await;
        let id = mint::<Uuid>(road.app.now()).to_string();
        let sure = [("id", id.as_str()), ("allocation", id.as_str()), ("version", "1"), ("sure", "yes")];
        taken.push(("freeze", road.statements(&road.manager, &road.page("/ranking/freeze"), &sure).await));
        for (act, who) in [("propose", &road.manager), ("approve", &road.approver), ("tell", &road.manager), ("publish", &road.manager)] {
            taken.push((act, road.statements(who, &format!("/decide/{}/{act}", road.round), &sure).await));
        }
        let mut reader = road.app.desk.db.reader().await.unwrap();
        let awards = store::awards::list(&mut reader.tx(), road.round).await.unwrap();
        assert!(awards.iter().map(|award| award.units).sum::<i64>() >= 4 + i64::try_from(others).unwrap(), "{awards:?}");
        taken
    }
}

#[tokio::test]
async fn no_act_of_a_decision_takes_more_than_a_submit_may_or_more_for_more_applicants() {
    let (few, many) = (Road::acts(0).await, Road::acts(6).await);
    assert_eq!(few, many, "the same for three applicants and for nine");
    // The last approval makes the awards: each of the two regions' has rows of its own in seven tables.
    let most = |act: &str| if act == "approve" { MOST + 2 + 2 * 7 } else { MOST };
    assert!(many.iter().all(|(act, count)| (3..=most(act)).contains(count)), "{many:?}");
}
