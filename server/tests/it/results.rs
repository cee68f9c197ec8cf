//! The public results of the demonstration's finished round: each figure opens the rows that it sums.

use crate::app::{START, TestApp};

const ROUND: &str = "/programs/career-coaches/2023-24";

/// The links of a page that begin so: address and words.
fn links<'a>(page: &'a str, begins: &str) -> Vec<(&'a str, String)> {
    let opening = format!("href=\"{begins}");
    page.match_indices(&opening)
        .map(|(at, _)| {
            let rest = &page[at + "href=\"".len()..];
            let (address, rest) = rest.split_once('"').unwrap();
            let words = rest.split_once('>').unwrap().1.split_once("</a>").unwrap().0;
            (address, words.replace("<!>", ""))
        })
        .collect()
}

/// The units in the rows of a page.
fn units(page: &str) -> i64 {
    let cells = page.split("data-label=\"Of them\">").skip(1);
    cells.map(|cell| cell.split_once(' ').unwrap().0.parse::<i64>().unwrap()).sum()
}

#[tokio::test]
async fn every_figure_of_the_results_opens_rows_that_sum_to_it() {
    let app = TestApp::demo().await;
    app.desk.clock.shift(server::demo::BEGINS - START);
    server::demo::load(&app.desk).await.unwrap();
    let results = app.get(&format!("{ROUND}/results"), None).await.body;
    let figures = links(&results, &format!("{ROUND}/money/"));
    let (parts, whole): (Vec<_>, Vec<_>) = figures.iter().partition(|(address, _)| address.contains('?'));
    assert!(parts.len() > 60 && whole.len() >= 9, "{} parts and {} wholes", parts.len(), whole.len());
    for (address, figure) in figures {
        let page = app.get(address, None).await;
        assert_eq!(page.status, 200, "{address}");
        let (rows, foot) = page.body.split_once("<tfoot>").unwrap();
        if figure.starts_with('$') {
            let cents = if figure.contains('.') { figure.clone() } else { format!("{figure}.00") };
            assert!(foot.contains(&cents), "{address} does not sum to {figure}: {foot}");
        } else {
            let count = i64::try_from(rows.matches("<th scope=\"row\"").count()).unwrap();
            let figure: i64 = figure.parse().unwrap();
            assert!(figure == count || figure == units(rows), "{address}: {figure} is neither {count} nor {}", units(rows));
        }
    }
    for nowhere in ["awarded?award=AW-0000-00", "awarded?place=Nowhere", "drawn?place=Nowhere", "appropriated?award=AW-2024-01"] {
        assert_eq!(app.get(&format!("{ROUND}/money/{nowhere}"), None).await.status, 404, "{nowhere}");
    }
    let anchors = links(&results, "#").into_iter().map(|(address, _)| address);
    for anchor in anchors.filter(|anchor| *anchor != "#main") {
        assert!(results.contains(&format!("id=\"{}\"", &anchor[1..])), "{anchor}");
    }
}
