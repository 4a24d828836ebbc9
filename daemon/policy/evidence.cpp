// What a condition looks like to a person at an instant: the progress of it and the evidence of its
// leaves.
#include <algorithm>

#include "policy/condition.hpp"

namespace trainstop::policy {

namespace {

double ratio(Duration value, Duration limit) {
  if (limit <= Duration{0}) return 1.0;
  return static_cast<double>(std::max(value, Duration{0}).count()) /
         static_cast<double>(limit.count());
}

/// A duration leaf as measured: nothing where the present phase says nothing of it.
std::optional<Duration> measured_stay(Phase wanted, const JobTimes& job, Instant at) {
  if (job.phase == Phase::unknown) return {};
  return job.phase == wanted ? std::max(at - job.phase_since, Duration{0}) : Duration{0};
}

std::optional<Duration> measured(const RunningFor&, const JobTimes& job, Instant at) {
  const auto present = measured_stay(Phase::running, job, at);
  return present ? std::optional(job.ran_before + *present) : std::nullopt;
}
std::optional<Duration> measured(const DeployingFor&, const JobTimes& job, Instant at) {
  return measured_stay(Phase::deploying, job, at);
}
std::optional<Duration> measured(const QueuedFor&, const JobTimes& job, Instant at) {
  return measured_stay(Phase::queued, job, at);
}
std::optional<Duration> measured(const Age&, const JobTimes& job, Instant at) {
  return std::max(at - job.created_at, Duration{0});
}

template <class Leaf>
constexpr std::string_view kKey = "";
template <>
constexpr std::string_view kKey<RunningFor> = "running_for";
template <>
constexpr std::string_view kKey<DeployingFor> = "deploying_for";
template <>
constexpr std::string_view kKey<QueuedFor> = "queued_for";
template <>
constexpr std::string_view kKey<Age> = "age";

template <class Leaf>
constexpr bool kIsDurationLeaf = !kKey<Leaf>.empty();

std::optional<double> progress_of_parts(const All& all, const JobTimes& job, Instant at) {
  std::optional<double> least = 1.0;
  bool first = true;
  for (const Condition& part : all.parts) {
    const auto progress = progress_at(part, job, at);
    if (!progress) return {};
    least = first ? *progress : std::min(*least, *progress);
    first = false;
  }
  return least;
}

std::optional<double> progress_of_parts(const Any& any, const JobTimes& job, Instant at) {
  std::optional<double> most;
  for (const Condition& part : any.parts) {
    const auto progress = progress_at(part, job, at);
    if (progress) most = most ? std::max(*most, *progress) : *progress;
  }
  return most;
}

std::optional<double> progress_of(const Cost& leaf, const JobTimes& job, Instant at) {
  const auto bill = job.phase == Phase::unknown ? std::nullopt : job.bill.lower_at(at);
  // Without a price from the earliest begin on the condition is unknown, whatever the latest says.
  if (!bill || !job.bill.upper_at(at)) return {};
  if (leaf.limit <= Money{}) return 1.0;
  return static_cast<double>(bill->nano()) / static_cast<double>(leaf.limit.nano());
}

std::optional<double> progress_of(const Spent& leaf, const JobTimes& job, Instant at) {
  const auto spent = job.pot.tally == nullptr ? std::nullopt : job.pot.tally->at(at);
  if (!spent) return {};
  const Money limit = add(leaf.budget.limit, job.pot.raised).value_or(leaf.budget.limit);
  return static_cast<double>(spent->nano()) / static_cast<double>(limit.nano());
}

std::optional<double> progress_of(const Deadline& leaf, const JobTimes& job, Instant at) {
  const Instant utc = saturating_add(leaf.utc, job.extension);
  return ratio(at - job.created_at, saturating_add(utc, -job.utc_shift) - job.created_at);
}

std::string spell(const InStatus& leaf) {
  std::string names;
  for (const std::string& name : leaf.statuses) names += (names.empty() ? "" : ", ") + name;
  return names;
}

void fill(Evidence& evidence, const Cost& leaf, const JobTimes& job, Instant at) {
  evidence.key = "cost";
  evidence.limit = leaf.limit;
  if (job.phase == Phase::unknown) return;
  if (const auto bill = job.bill.lower_at(at)) evidence.measured = *bill;
  evidence.since = job.bill.estimated ? job.bill.latest : job.bill.earliest;
  evidence.estimated = job.bill.estimated;
}

void fill(Evidence& evidence, const Spent& leaf, const JobTimes& job, Instant at) {
  evidence.key = "budget";
  evidence.limit = add(leaf.budget.limit, job.pot.raised).value_or(leaf.budget.limit);
  if (job.pot.tally == nullptr) return;
  if (const auto spent = job.pot.tally->at(at)) evidence.measured = *spent;
}

void fill(Evidence& evidence, const InStatus& leaf, const JobTimes& job, Instant at) {
  evidence.key = "in_status";
  const bool inside =
      value_at(Condition{InStatus{leaf.statuses, std::nullopt}}, job, at) == Truth::yes;
  if (!leaf.limit) {
    evidence.limit = spell(leaf);
    evidence.measured = std::string(job.status);
  } else {
    evidence.limit = *leaf.limit + job.extension;
    if (inside) evidence.measured = std::max(at - job.status_since, Duration{0});
  }
  if (inside) evidence.since = job.status_since;
}

void fill(Evidence& evidence, const Deadline& leaf, const JobTimes& job, Instant at) {
  evidence.key = "deadline";
  evidence.limit = format_rfc3339(saturating_add(leaf.utc, job.extension));
  evidence.measured = format_rfc3339(saturating_add(at, job.utc_shift));
}

void fill(Evidence& evidence, const During& leaf, const JobTimes& job, Instant at) {
  evidence.key = "schedule";
  evidence.limit = std::string(leaf.outside ? "outside" : "during");
  const bool inside = leaf.schedule.contains(saturating_add(at, job.utc_shift));
  evidence.measured = std::string(inside ? "during" : "outside");
}

template <class Leaf>
requires kIsDurationLeaf<Leaf>
void fill(Evidence& evidence, const Leaf& leaf, const JobTimes& job, Instant at) {
  evidence.key = kKey<Leaf>;
  evidence.limit = leaf.limit + job.extension;
  if (const auto value = measured(leaf, job, at)) {
    evidence.measured = *value;
    evidence.since = at - *value;
  }
}

void collect(const Condition& condition, const JobTimes& job, Instant at,
             std::vector<Evidence>& found) {
  std::visit(
      [&](const auto& node) {
        using Node = std::decay_t<decltype(node)>;
        if constexpr (std::is_same_v<Node, All> || std::is_same_v<Node, Any>) {
          for (const Condition& part : node.parts) collect(part, job, at, found);
        } else if constexpr (std::is_same_v<Node, Not>) {
          JobTimes plain = job;
          plain.extension = Duration{0};
          collect(node.part.front(), plain, at, found);
        } else {
          Evidence evidence;
          evidence.value = value_at(condition, job, at);
          fill(evidence, node, job, at);
          found.push_back(std::move(evidence));
        }
      },
      condition.node);
}

}  // namespace

std::optional<double> progress_at(const Condition& condition, const JobTimes& job, Instant at) {
  return std::visit(
      [&](const auto& node) -> std::optional<double> {
        using Node = std::decay_t<decltype(node)>;
        if constexpr (std::is_same_v<Node, All> || std::is_same_v<Node, Any>) {
          return progress_of_parts(node, job, at);
        } else if constexpr (std::is_same_v<Node, Cost> || std::is_same_v<Node, Spent> ||
                             std::is_same_v<Node, Deadline>) {
          return progress_of(node, job, at);
        } else if constexpr (kIsDurationLeaf<Node>) {
          const auto value = measured(node, job, at);
          return value ? std::optional(ratio(*value, node.limit + job.extension)) : std::nullopt;
        } else {
          if constexpr (std::is_same_v<Node, InStatus>) {
            const Condition inside{InStatus{node.statuses, std::nullopt}};
            const Truth seen = value_at(inside, job, at);
            if (node.limit && seen == Truth::yes)
              return ratio(at - job.status_since, *node.limit + job.extension);
          }
          const Truth value = value_at(condition, job, at);
          if (value == Truth::unknown) return {};
          return value == Truth::yes ? 1.0 : 0.0;
        }
      },
      condition.node);
}

std::vector<Evidence> evidence_at(const Condition& condition, const JobTimes& job, Instant at) {
  std::vector<Evidence> found;
  collect(condition, job, at, found);
  return found;
}

}  // namespace trainstop::policy
