#include "property/policy/subjects.hpp"

#include <rapidcheck.h>

#include <algorithm>

namespace trainstop::policy {

namespace {

using namespace std::chrono_literals;

/// From the whole range from the first case on, where rapidcheck would begin with small numbers.
int pick(int least, int most) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(least, most + 1));
}

/// Coarser than the grid, so that shares of whole tens of percents lie on it.
Duration pick_span(int least, int most) {
  return 10 * kStep * pick(least, most);
}

/// Sunday mornings on which New York (spring), Berlin (spring) and New York (autumn) change their
/// clocks, and a plain Tuesday; UTC.
Instant pick_base() {
  using namespace std::chrono;
  static const std::vector<Instant> kBases{
      sys_days{2026y / 3 / 8} + 6h + 20min, sys_days{2026y / 3 / 29} + 20min,
      sys_days{2026y / 11 / 1} + 5h + 30min, sys_days{2026y / 6 / 16} + 8h};
  return *rc::gen::elementOf(kBases);
}

Bill pick_bill(Instant base, const PriceHistory* prices) {
  Bill bill;
  bill.nodes = pick(1, 4);
  bill.prices = pick(0, 7) == 0 ? nullptr : prices;
  if (pick(0, 7) == 0) return bill;
  bill.earliest = base + kStep * pick(-500, 100);
  bill.latest = *bill.earliest + kStep * pick(0, 100);
  bill.estimated = pick(0, 1) == 1;
  if (pick(0, 5) == 0) bill.end = *bill.latest + kStep * pick(0, 500);
  return bill;
}

Condition pick_leaf(const Palette& palette) {
  switch (pick(0, palette.with_schedule ? 7 : 6)) {
    case 0:
      return {RunningFor{pick_span(1, 100)}};
    case 1:
      return {DeployingFor{pick_span(1, 100)}};
    case 2:
      return {QueuedFor{pick_span(1, 100)}};
    case 3:
      return {Age{pick_span(1, 150)}};
    case 4: {
      InStatus leaf{{"RUNNING", "QUEUED"}, {}};
      if (pick(0, 1) == 1) leaf.limit = pick_span(1, 100);
      return {leaf};
    }
    case 5:
      return {Cost{Money::from_nano(std::int64_t{pick(1, 4000)} * 100'000'000)}};
    case 6:
      return {Deadline{pick_base() + pick_span(-100, 100)}};
    default:
      return {During{any_schedule(), pick(0, 1) == 1}};
  }
}

Truth slow_stay(Phase wanted, Duration limit, const JobTimes& job, Instant at, int percent) {
  if (job.phase == Phase::unknown) return Truth::unknown;
  if (job.phase != wanted) return Truth::no;
  return truth((at - job.phase_since) * 100 >= (limit + job.extension) * percent);
}

struct SlowValue {
  const JobTimes& job;
  Instant at;
  int percent;

  Truth operator()(const RunningFor& leaf) const {
    if (job.phase == Phase::unknown) return Truth::unknown;
    Duration ran = job.ran_before;
    if (job.phase == Phase::running) ran += std::max(at - job.phase_since, Duration{0});
    return truth(ran * 100 >= (leaf.limit + job.extension) * percent);
  }
  Truth operator()(const DeployingFor& leaf) const {
    return slow_stay(Phase::deploying, leaf.limit, job, at, percent);
  }
  Truth operator()(const QueuedFor& leaf) const {
    return slow_stay(Phase::queued, leaf.limit, job, at, percent);
  }
  Truth operator()(const Age& leaf) const {
    return truth((at - job.created_at) * 100 >= (leaf.limit + job.extension) * percent);
  }
  Truth operator()(const InStatus& leaf) const {
    if (job.phase == Phase::unknown || job.status_unknown) return Truth::unknown;
    if (std::count(leaf.statuses.begin(), leaf.statuses.end(), job.status) == 0) return Truth::no;
    return truth(!leaf.limit ||
                 (at - job.status_since) * 100 >= (*leaf.limit + job.extension) * percent);
  }
  Truth reached(const Cost& leaf, std::optional<Instant> begin) const {
    const auto sum = slow_bill(job.bill, begin, at);
    return truth(sum && sum->nano() * 100 >= leaf.limit.nano() * percent);
  }
  Truth operator()(const Cost& leaf) const {
    const Bill& bill = job.bill;
    if (job.phase == Phase::unknown) return Truth::unknown;
    const Truth upper = reached(leaf, bill.earliest);
    const Truth lower = reached(leaf, bill.estimated ? bill.latest : bill.earliest);
    return upper == lower ? upper : lower == Truth::yes ? Truth::yes : Truth::unknown;
  }
  Truth operator()(const Deadline& leaf) const {
    const Instant deadline = leaf.utc + job.extension - job.utc_shift;
    return truth(deadline <= job.created_at ||
                 (at - job.created_at) * 100 >= (deadline - job.created_at) * percent);
  }
  Truth operator()(const During& leaf) const {
    return truth(leaf.schedule.contains(at + job.utc_shift) != leaf.outside);
  }
  Truth operator()(const Spent&) const { return Truth::no; }  // without a pot
  Truth operator()(const All& node) const {
    Truth least = Truth::yes;
    for (const Condition& part : node.parts)
      least = std::min(least, slow_value(part, job, at, percent));
    return least;
  }
  Truth operator()(const Any& node) const {
    Truth most = Truth::no;
    for (const Condition& part : node.parts)
      most = std::max(most, slow_value(part, job, at, percent));
    return most;
  }
  Truth operator()(const Not& node) const {
    JobTimes plain = job;
    plain.extension = Duration{0};
    const Truth part = slow_value(node.part.front(), plain, at);
    return part == Truth::unknown ? part : truth(part == Truth::no);
  }
};

}  // namespace

Schedule any_schedule() {
  static const std::vector<std::string> kZones{"UTC", "America/New_York", "Europe/Berlin",
                                               "Australia/Lord_Howe", "Asia/Kathmandu"};
  std::vector<WeekSpan> spans;
  for (int count = pick(1, 5); count > 0; --count) {
    // Most windows around the Sunday nights and mornings on which clocks change.
    const int begin = pick(0, 2) > 0 ? (6 * 1440 - 600 + pick(0, 2000)) % 10080 : pick(0, 10079);
    spans.push_back({begin, begin + pick(1, pick(0, 3) == 0 ? 5000 : 120)});
  }
  return {std::move(spans), find_zone(*rc::gen::elementOf(kZones))};
}

Subject any_subject() {
  Subject subject;
  subject.base = pick_base();
  subject.prices = std::make_unique<PriceHistory>();
  int step = pick(0, 1) == 0 ? -100'000 : pick(-500, 0);
  for (int count = pick(0, 4); count > 0; --count, step += pick(0, 300)) {
    PricePoint point{subject.base + kStep * step, {}};
    if (pick(0, 5) > 0)
      point.per_minute = Money::from_nano(std::int64_t{pick(0, 50)} * 100'000'000);
    subject.prices->push_back(point);
    if (step < -500) step = -500;
  }
  static const std::vector<Phase> kPhases{Phase::queued, Phase::deploying, Phase::running,
                                          Phase::running, Phase::unknown};
  JobTimes& times = subject.times;
  times.phase = *rc::gen::elementOf(kPhases);
  times.status_unknown = times.phase == Phase::unknown || pick(0, 5) == 0;
  times.status = times.status_unknown            ? "ODD"
                 : times.phase == Phase::running ? "RUNNING"
                 : times.phase == Phase::queued  ? "QUEUED"
                                                 : "DEPLOYING";
  times.created_at = subject.base - pick_span(0, 60);
  times.phase_since = times.created_at + pick_span(0, 30);
  times.status_since = times.phase_since + pick_span(0, 3);
  times.ran_before = pick_span(0, 20);
  times.utc_shift = pick_span(-3, 3);
  if (pick(0, 1) == 1) times.extension = pick_span(0, 30);
  times.bill = pick_bill(subject.base, subject.prices.get());
  return subject;
}

Condition any_condition(const Palette& palette) {
  const int kind = palette.depth == 0 ? 0 : pick(0, palette.with_not ? 4 : 3);
  if (kind <= 1) return pick_leaf(palette);
  Palette below = palette;
  --below.depth;
  if (kind == 4) return {Not{{any_condition(below)}}};
  std::vector<Condition> parts;
  for (int count = pick(1, 3); count > 0; --count) parts.push_back(any_condition(below));
  if (kind == 2) return {All{std::move(parts)}};
  return {Any{std::move(parts)}};
}

std::optional<Money> slow_bill(const Bill& bill, std::optional<Instant> begin, Instant at) {
  std::int64_t nano = 0;
  if (!begin) return Money{};
  for (Instant minute = *begin; minute < at && (!bill.end || minute < *bill.end); minute += 1min) {
    std::optional<Money> price;
    for (std::size_t i = 0; bill.prices != nullptr && i < bill.prices->size(); ++i) {
      if ((*bill.prices)[i].from <= minute) price = (*bill.prices)[i].per_minute;
    }
    if (!price) return {};
    nano += price->nano() * bill.nodes;
  }
  return Money::from_nano(nano);
}

Truth slow_value(const Condition& condition, const JobTimes& job, Instant at, int percent) {
  return std::visit(SlowValue{job, at, percent}, condition.node);
}

}  // namespace trainstop::policy
