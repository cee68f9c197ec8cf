//! Pages of words: what is published and on what terms, how to use the portal, and how accessible it is.

use crate::call::Call;
use crate::error::AppError;
use crate::ui::layout::{Head, page};
use crate::ui::table::Table;
use axum::response::Response;
use domain::Timestamp;
use leptos::prelude::*;
use store::programs::{self, RoundOf};

/// `/open`
pub async fn open(call: Call) -> Result<Response, AppError> {
    let mut rounds = programs::list_rounds(&mut call.reader().await?.tx()).await?;
    rounds.retain(|of| of.round.opened.is_some());
    let now = call.now;
    Ok(page(&call, Head::new("Open data"), move || {
        let rows = rounds.iter().map(|of| files_of(of, now)).collect_view();
        view! {
            <h1>"Open data"</h1>
            <p class="al-lede">"Everything that decides who gets money, and where the money went, is published as files. No sign-in, no key, no limit on use."</p>
            <Table caption="Files of each round; results appear once they are published">
                <thead><tr><th scope="col">"Round"</th><th scope="col">"Rules"</th><th scope="col">"Results"</th></tr></thead>
                <tbody>{rows}</tbody>
            </Table>
            <h2>"What is in the files"</h2>
            <dl class="al-facts">
                <div><dt>"file, file.json"</dt><dd>"The program file: law, amounts, dates, regions, rules and weights, each with its citation. file.json is the canonical form whose SHA-256 is locked when the round opens. Where the rules were amended, it is the version in force; every version stands under rules/1, rules/2 and so on."</dd></div>
                <div><dt>"ranking.json"</dt><dd>"The rules, every input with source, year and place, and the ranked list with its working."</dd></div>
                <div><dt>"allocation.json"</dt><dd>"Each step down the ranked list: asked for, given, left, and why; where a law names the recipients, the clause and who has no award."</dd></div>
                <div><dt>"decision.json"</dt><dd>"ranking.json and allocation.json in one file."</dd></div>
                <div><dt>"awards.csv"</dt><dd>"Awards by organization and district, amounts in US dollars with two decimals."</dd></div>
            </dl>
            <h2>"Check it yourself"</h2>
            <p>
                "The same rules and inputs always give the same bytes. Compute the SHA-256 of file.json and compare it with the fingerprint on the round’s page; compare the fingerprint named in ranking.json with it; then add up the products of any applicant. Or "<a href="/replay">"compute a whole decision again"</a>" in your browser."
            </p>
            <h2>"What is not published"</h2>
            <p>"Names, addresses and signatures of people, the text of applications, and uploaded letters."</p>
            <h2>"Terms"</h2>
            <p>
                "Facts and figures that come from United States federal agencies (Census Bureau, Bureau of Labor Statistics, National Center for Education Statistics) are in the public domain. The files made here may be used by anybody for anything (CC0 1.0); please name the date you took them."
            </p>
        }
    }))
}

fn files_of(of: &RoundOf, now: Timestamp) -> impl IntoView + use<> {
    let address = format!("/programs/{}/{}", of.program.slug, of.round.slug);
    let link = |file: &'static str| view! { <a href=format!("{address}/{file}")>{file}</a>" " };
    let results = if of.round.published(now).is_some() {
        let files = ["results", "ranking.json", "allocation.json", "decision.json", "awards.csv", "replay"];
        let items = files.map(|file| view! { <li>{link(file)}</li> }).into_iter().collect_view();
        view! { <ul class="usa-list usa-list--unstyled">{items}</ul> }.into_any()
    } else {
        "Not published yet".into_any()
    };
    view! {
        <tr>
            <th scope="row" data-label="Round"><a href=address.clone()>{of.program.name.clone()}", "{of.round.name.clone()}</a></th>
            <td data-label="Rules">{link("file")}{link("file.json")}</td>
            <td data-label="Results">{results}</td>
        </tr>
    }
}

/// `/help`
pub async fn help(call: Call) -> Result<Response, AppError> {
    Ok(page(&call, Head::new("Help"), || {
        view! {
            <div class="al-narrow">
                <h1>"Help"</h1>
                <p class="al-lede">"Allotment carries a legislature’s money for an education program to schools: apply, ranking, award, draws, reports. All of it in the open."</p>
                <h2>"If you apply for a district or community"</h2>
                <ol>
                    <li><a href="/">"Choose a round"</a>" that is open and read who may apply and what you need."</li>
                    <li><a href="/sign-in">"Sign in"</a>" with your email: you get a code, there is no password to remember. The agency’s program manager invites you the first time."</li>
                    <li>"The preparer answers one section per page. Every section is saved when you press its button; you can stop and come back on any device."</li>
                    <li>"Figures such as unemployment are filled in for you, with their source. If one is wrong, say so under “Figures about you”, with what shows it: the agency rules on it before it ranks."</li>
                    <li>"The certifier checks the answers, signs by typing their name and submits."</li>
                    <li>"You get a receipt with a number, the server’s time and a fingerprint (SHA-256) of what was submitted. Keep it: it proves what you sent and when."</li>
                </ol>
                <h3 id="deadlines">"Deadlines"</h3>
                <p>
                    "The deadline names its time zone, and the server’s clock decides. An application that arrives in the deadline’s own second is in time; one second later it is not. A draft is never lost when the door shuts. Until the deadline you can withdraw, change and submit again. Should the rules be amended while the round runs, you are told by email and on your task list; what changed and why stands on the round’s page, and the version before stays readable."
                </p>
                <h3>"If a law names you"</h3>
                <p>"Nothing is ranked then, and the rest holds: you apply, staff without a tie to you find you eligible, and your certifier accepts the terms on a page of their own. Without that there is no award; it can be made up for later, and the money stays in the pot."</p>
                <h3>"Afterwards"</h3>
                <p>"You are told the result by email, in a letter that your page also has as a PDF file. Your page shows how each point came about, and why: your points beside the others and the line, and the smallest change that would have crossed it, or where the money ends at no one place, have altered your award. You can decline what you were awarded. If your application is on a waiting list, you keep your place in it, and money that comes back is offered down the list. Where the program’s file allows it, you can appeal within the days it names; somebody rules who had no hand in the decision."</p>
                <h2>"If you receive an award for a region"</h2>
                <p>"You have an award for each appropriation that pays, and for each year. Under Money you ask for a draw and see what is left; a second person at the fiscal agent decides. Under Reports you report each quarter’s spending and counts; your certifier signs. Late ones show as late."</p>
                <h2>"If you work for the agency"</h2>
                <p>"Import a program file under Set-up and open its round; screen and score under Review; rank and freeze; propose awards under Awards. Others approve, in the steps that the file names: nobody can approve what they proposed, ranked, scored or screened. The bench shows what other weights, other money, floors and caps or another way to lay it out would do, and decides nothing."</p>
                <p>"More than one appropriation may pay, in the order that the file declares: each award has one payer, and money that comes back is offered again from where it came. An award that runs for several years goes on, under Awards, Waiting list and later years, once the next year’s money is on record."</p>
                <p>"Declare any tie that you have to an applicant, under Awards or on the application’s page: you then neither read nor judge that application, and neither approve awards of the round nor rule on its appeals. Where a law names the recipients, you propose none, either."</p>
                <p>"Where a panel reviews, you find what you were given under Review, Your reviews. Say first to whom you have a tie; what you have a conflict with stays closed to you."</p>
                <p>"Scores can be written in a spreadsheet: export the sheet, fill in points and reasons, bring it back. You see every difference before anything is saved, and then all of it is saved or nothing. A reviewer’s come in as drafts, to be handed in one by one."</p>
                <h2>"If you audit"</h2>
                <p>"Every act is a row that is never changed: who, when, from what to what, why. Under Audit you can read the history of any record and the ledger to the cent, and you cannot change anything."</p>
                <h2>"If you are a citizen or a journalist"</h2>
                <p>"You need no account. Start from "<a href="/">"the programs"</a>" or take "<a href="/open">"the files"</a>". "<a href="/replay">"Compute a decision again"</a>" in your own browser."</p>
                <h2>"Whom to ask"</h2>
                <p>"Questions about a program go to the agency named on the program’s page, until the day given there. If something breaks here, quote the number that the page shows you: it leads us to the cause."</p>
            </div>
        }
    }))
}

/// `/accessibility`
pub async fn accessibility(call: Call) -> Result<Response, AppError> {
    Ok(page(&call, Head::new("Accessibility"), || {
        view! {
            <div class="al-narrow">
                <h1>"Accessibility"</h1>
                <p class="al-lede">"Everybody should be able to apply for public money and see where it went. Our aim is WCAG 2.2, level AA, on every page."</p>
                <h2>"What we do"</h2>
                <ul>
                    <li>"Every page and every form works without script, with the keyboard alone, and at 400% zoom."</li>
                    <li>"Every field has its label, every problem is told in words beside its field and in a list at the top."</li>
                    <li>"Maps and charts stand beside a table with the same numbers; colour is never the only sign."</li>
                    <li>"A session warns before it ends, and what you saved stays saved."</li>
                </ul>
                <h2>"How we test"</h2>
                <ul>
                    <li>"A program (axe-core, rules of WCAG 2.2 A and AA) checks the pages of a whole journey at every change; a violation stops the change."</li>
                    <li>"The applicant’s journey is walked with script turned off at every change."</li>
                    <li>"Screens of 1280 and 390 pixels are looked at."</li>
                </ul>
                <h2>"Known limits"</h2>
                <ul>
                    <li>"The letter that tells a result is a page and a tagged PDF file (PDF/UA). The program that writes it checks what a program can; no person has listened to it yet."</li>
                    <li>"Letters that applicants upload are shown as they came: a scan may not be readable by a screen reader."</li>
                    <li>"Tests by people who use assistive technology every day have not been done yet."</li>
                    <li>"Pages are in English only."</li>
                </ul>
                <h2>"Tell us"</h2>
                <p>"If something keeps you out, tell the agency: a round’s page says where its questions go. It must give you another way in time for the deadline."</p>
            </div>
        }
    }))
}
