//! Spends what a set of the most awards leaves of the pot, by exchanges that keep their number: awards a little cheaper than the line
//! between those made and those not are given up for awards a little dearer. This only finds sets; what is best is proved elsewhere.

use super::lists::{Cut, Meter, Swap, Way, fold};
use super::matching::{Window, matched};
use super::search::Found;
use super::tree::Tree;

/// As many awards are given up, and as many made, at most.
const EXCHANGED: usize = 16;

/// Cents that a filling may leave.
const NEARLY: i64 = 64;

/// For each filling tried, how far from the line the classes may lie: what is left, divided by this.
const REACHES: [i64; 9] = [8, 8, 4, 4, 16, 16, 2, 8, 8];

/// A node is wide if so many awards more or fewer fit it.
const WIDE: i64 = 4;

/// A filling that may leave more, from which the next ones start.
const ROUGH: usize = 6;

/// Fills the pot until the set is worth `enough`, if it can.
pub(super) fn fill(tree: &Tree, found: &mut Found, enough: i64, meter: &mut Meter) {
    for turn in 0..REACHES.len() {
        if found.value >= enough || fill_once(tree, found, turn, meter).is_none() {
            return;
        }
    }
}

/// How far a node's spend may go up and down without its own cap or floor noticing.
#[derive(Clone, Copy)]
struct Slack {
    up: i64,
    down: i64,
}

fn fill_once(tree: &Tree, found: &mut Found, turn: usize, meter: &mut Meter) -> Option<()> {
    let slacks = slacks_at(tree, &found.options);
    let room = slacks[0].up;
    if room <= 0 {
        return None;
    }
    let parts = exchanges(tree, &slacks, &found.options, turn);
    let (left, right) = parts.split_at(parts.len() / 2);
    let left: Vec<&[Way]> = left.iter().map(Vec::as_slice).collect();
    let right: Vec<&[Way]> = right.iter().map(Vec::as_slice).collect();
    let cut = Cut { budget: 0, margin: 0 };
    let (left, left_working) = fold(&left, cut, meter).ok()?;
    let (right, right_working) = fold(&right, cut, meter).ok()?;
    let left_over = if turn == ROUGH { room / 64 } else { NEARLY };
    let window = Window { low: (room - left_over).max(0), high: room, multiplier: 0 };
    let pairs = matched((&left, &right), window, cut, true, meter).ok()?;
    let Some(best) = pairs.first().filter(|best| best.sum.value > 0) else { return Some(()) };
    let mut options = found.options.clone();
    for (mut trace, working) in [(left[best.left].trace, left_working), (right[best.right].trace, right_working)] {
        while trace != 0 {
            let (before, swap) = working[trace];
            if let Swap::Class { class, option } = swap {
                options[class] = option;
            }
            trace = before;
        }
    }
    if slacks_at(tree, &options).iter().all(|slack| slack.up >= 0 && slack.down >= 0) {
        found.options = options;
        found.value += best.sum.value;
    }
    Some(())
}

/// Each node's own slack.
fn slacks_at(tree: &Tree, options: &[usize]) -> Vec<Slack> {
    let mut spends: Vec<i64> = vec![0; tree.nodes.len()];
    for (class, option) in tree.classes.iter().zip(options) {
        spends[class.node] += class.options[*option].cost;
    }
    for index in (1..tree.nodes.len()).rev() {
        spends[tree.nodes[index].parent.unwrap_or(0)] += spends[index];
    }
    tree.nodes.iter().zip(spends).map(|(node, spend)| Slack { up: node.cap - spend, down: spend - node.floor }).collect()
}

/// The least slack on each node's path, the pot's aside: there the whole exchange counts, elsewhere any part of it may.
fn slacks_below_the_pot(tree: &Tree, own: &[Slack]) -> Vec<i64> {
    let mut least: Vec<i64> = Vec::with_capacity(own.len());
    for (slack, node) in own.iter().zip(&tree.nodes) {
        let above = node.parent.map_or(i64::MAX, |parent| least[parent]);
        least.push(if node.parent.is_some() { above.min(slack.up).min(slack.down) } else { above });
    }
    least
}

/// A class that may be exchanged: how far the cost of its award lies from its node's line.
struct Near {
    far: i64,
    class: usize,
}

/// Ways to give awards up and to make others, by turns, in nodes with slack for them. The fewer cents are left,
/// the nearer the line they lie.
fn exchanges(tree: &Tree, slacks: &[Slack], options: &[usize], turn: usize) -> Vec<Vec<Way>> {
    let room = slacks[0].up;
    let cost = |class: usize| tree.classes[class].options.last().map_or(0, |option| option.cost);
    let (mut given_up, mut made): (Vec<Near>, Vec<Near>) = (Vec::new(), Vec::new());
    let least = slacks_below_the_pot(tree, slacks);
    let has_classes = |index: &usize| !tree.nodes[*index].classes.is_empty();
    let widest = (0..least.len()).filter(has_classes).max_by_key(|index| (least[*index], tree.nodes[*index].classes.len()));
    for (index, node) in tree.nodes.iter().enumerate() {
        let (with, without): (Vec<usize>, Vec<usize>) = node.classes.iter().partition(|class| options[**class] > 0);
        let mut costs: Vec<i64> = node.classes.iter().map(|class| cost(*class)).collect();
        costs.sort_unstable();
        let line = costs.get(with.len()).or(costs.last()).copied().unwrap_or(0);
        // An award given up in one node may be made in another; by turns, all are exchanged in one node.
        let in_one = turn % 2 == 1;
        if in_one && widest != Some(index) || !in_one && least[index] < room.max(line.saturating_mul(WIDE)) {
            continue;
        }
        let near = |class: usize| Near { far: (cost(class) - line).abs(), class };
        given_up.extend(with.into_iter().map(near));
        made.extend(without.into_iter().map(near));
    }
    let reach = room / REACHES[turn % REACHES.len()];
    let some = |mut list: Vec<Near>| -> Vec<usize> {
        list.sort_by_key(|near| (near.far, near.class));
        let within = list.partition_point(|near| near.far <= reach).max(EXCHANGED).min(list.len());
        let step = (within / EXCHANGED).max(1);
        list[..within].iter().skip(turn % step.max(2)).step_by(step).take(EXCHANGED).map(|near| near.class).collect()
    };
    let ways = |class: usize| -> Vec<Way> {
        let choices = &tree.classes[class].options;
        let other = if options[class] > 0 { 0 } else { choices.len() - 1 };
        let (now, then) = (choices[options[class]], choices[other]);
        let swap = Swap::Class { class, option: other };
        vec![
            Way { spend: 0, value: 0, loss: 0, swap: Swap::Keep },
            Way { spend: then.cost - now.cost, value: then.value - now.value, loss: 0, swap },
        ]
    };
    let parts = |list: Vec<Near>| some(list).into_iter().enumerate().map(|(at, class)| (at, ways(class))).collect::<Vec<_>>();
    let mut all = parts(given_up);
    all.extend(parts(made));
    // Each half has some of both.
    all.sort_by_key(|(at, _)| at % 2);
    all.into_iter().map(|(_, part)| part).collect()
}
