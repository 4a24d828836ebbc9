#include "proof/api.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/render.hpp"
#include "sim/world.hpp"

namespace trainstop::proof {

namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::uint64_t kFate = 100, kBurst = 200, kMangle = 300;
constexpr Duration kSlot = minutes(10);
constexpr Duration kStalest = minutes(30);
constexpr std::size_t kKeptLists = 200;

Failure failure_of(FailureKind kind, unsigned status) {
  Failure failure;
  failure.kind = kind;
  failure.message = std::string(trainstop::to_string(kind));
  failure.status = status;
  return failure;
}

const std::vector<std::string> kBroken{
    "17", "{}", R"({"id":"jx","current_status":5})",
    R"({"id":"../etc","current_status":"TRAINING_JOB_RUNNING","created_at":"yesterday"})"};

}  // namespace

std::string_view to_string(Call call) {
  constexpr std::array<std::string_view, 7> kNames{"list",     "read",  "stop",  "prices",
                                                   "projects", "usage", "whoami"};
  return kNames[static_cast<std::size_t>(call)];
}

bool Fate::has(Harm harm) const {
  return std::find(harms.begin(), harms.end(), harm) != harms.end();
}

Api::Api(const Plan& plan, TruthOf& truth, bool as_text)
    : plan_(plan), truth_(truth), as_text_(as_text) {}

Duration Api::date_error(Instant now) const {
  return harms_are_active(now) ? plan_.date_error : Duration{0};
}

Duration Api::stamp_error(Instant now) const {
  return plan_.seed % 2 == 0 ? date_error(now) : Duration{0};
}

/// Trouble comes in bursts: in most ten minutes none of a kind, in some much.
bool Api::strikes(Harm harm, Instant now, Dice& dice) const {
  const int strength = plan_.strength[static_cast<std::size_t>(harm)];
  if (strength == 0 || !harms_are_active(now)) return false;
  const auto slot = static_cast<std::uint64_t>((now - kStart) / kSlot);
  Dice burst(plan_.seed, kBurst + static_cast<std::uint64_t>(harm), slot);
  return dice.chance(strength * burst.pick(std::vector<int>{0, 0, 1, 4}));
}

void Api::fail(Fate& fate, Call call, Dice& dice, Instant sent, Duration timeout) const {
  const int which = dice.number(0, 9);
  const auto retry = [&](FailureKind kind, unsigned status) {
    fate.failure = failure_of(kind, status);
    if (dice.chance(500)) fate.failure->retry_after = dice.spread(milliseconds(500), seconds(150));
    fate.applied = kind == FailureKind::server_error && dice.chance(400);
  };
  switch (which) {
    case 0:
      fate.failure = failure_of(FailureKind::transport, 0);
      fate.applied = dice.chance(500);
      return;
    case 1:
      fate.failure = failure_of(FailureKind::timeout, 0);
      fate.reply = sent + timeout;
      return;
    case 2:
      fate.failure = failure_of(FailureKind::tls, 0);
      fate.arrival.reset();
      fate.was_sent = false;
      return;
    case 3:
    case 4:
      return retry(FailureKind::rate_limited, 429);
    case 5:
    case 6:
      return retry(FailureKind::server_error, 503);
    case 7:
      fate.failure = failure_of(FailureKind::unauthorized, 401);
      break;
    case 8:
      fate.failure = call == Call::list ? failure_of(FailureKind::client_error, 422)
                                        : failure_of(FailureKind::not_found, 404);
      break;
    default:
      fate.failure = failure_of(FailureKind::unusable, 200);
      fate.applied = dice.chance(700);
      return;
  }
  fate.applied = false;
}

Fate Api::throw_fate(Call call, Instant sent, Duration timeout) {
  const std::uint64_t number = ++calls_;
  const auto own = [&](Harm harm) {
    return Dice(plan_.seed, kFate + static_cast<std::uint64_t>(harm), number);
  };
  Dice plain(plan_.seed, kFate - 1, number);
  Fate fate;
  const auto take = [&](Harm harm, Dice& dice) {
    if (!strikes(harm, sent, dice)) return false;
    fate.harms.push_back(harm);
    return true;
  };
  Duration there = plain.between(milliseconds(5), milliseconds(60));
  Duration back = plain.between(milliseconds(5), milliseconds(60));
  if (Dice dice = own(Harm::slow_replies); take(Harm::slow_replies, dice)) {
    there = dice.spread(milliseconds(5), seconds(6));
    back = dice.spread(milliseconds(5), seconds(6));
  }
  fate.arrival = sent + there;
  fate.reply = *fate.arrival + back;
  if (fate.reply > sent + timeout) {
    fate.reply = sent + timeout;
    fate.failure = failure_of(FailureKind::timeout, 0);
  }
  if (Dice dice = own(Harm::failures); take(Harm::failures, dice))
    fail(fate, call, dice, sent, timeout);
  if (Dice dice = own(Harm::lost_replies); take(Harm::lost_replies, dice)) {
    fate.failure = failure_of(dice.chance(500) ? FailureKind::transport : FailureKind::timeout, 0);
    if (fate.failure->kind == FailureKind::timeout) fate.reply = sent + timeout;
  }
  if (Dice dice = own(Harm::lost_requests); take(Harm::lost_requests, dice)) {
    fate.arrival.reset();
    fate.failure = failure_of(FailureKind::timeout, 0);
    fate.reply = sent + timeout;
  }
  if (call == Call::list || call == Call::read) {
    for (const Harm harm : {Harm::stale_lists, Harm::partial_lists, Harm::empty_lists,
                            Harm::duplicates, Harm::malformed, Harm::missing_fields}) {
      if (call == Call::read && harm != Harm::missing_fields) continue;
      Dice dice = own(harm);
      take(harm, dice);
    }
  }
  if (!fate.harms.empty()) trouble(fate.reply);
  return fate;
}

std::string Api::render(const JobSnapshot& job, int digits) const {
  sim::JobState state;
  state.script.id = job.id;
  state.script.project_id = job.project_id;
  state.script.name = job.name;
  state.script.node_count = job.node_count;
  state.script.priority = job.priority;
  state.script.availability = job.availability;
  state.script.user = job.user;
  state.script.old_schema = !job.name;
  state.script.fraction_digits = digits;
  state.project = {job.project_id, job.project_name, {}};
  state.created = job.created_at;
  state.updated = job.updated_at;
  state.status = job.status;
  sim::InstanceType type;
  type.id = job.instance_type;
  type.name = job.instance_type;
  type.gpu_count = job.gpu_count;
  type.gpu_type = job.gpu_type;
  return sim::render_job(state, type, Duration{0});
}

Record Api::record_of(TrueJob& job, Instant now, bool bare) {
  Record record;
  record.job = job.now;
  const Duration error = stamp_error(now);
  record.job.created_at += error;
  record.job.updated_at += error;
  if (bare) {
    record.job.name.reset();
    record.job.node_count.reset();
    record.job.priority.reset();
    record.job.availability.reset();
    record.job.user.reset();
  }
  if (!as_text_) return record;
  const std::tuple<std::uint64_t, Duration, bool> of{job.version, error, bare};
  if (job.text.empty() || job.text_of != of) {
    job.text = render(record.job, job.plan->digits);
    job.text_of = of;
  }
  record.text = job.text;
  return record;
}

void Api::mangle(std::vector<Record>& records, const Fate& fate, Instant now) {
  Dice dice(plan_.seed, kMangle, calls_);
  if (fate.has(Harm::stale_lists) && !earlier_.empty()) {
    const auto& [when, old] = earlier_[static_cast<std::size_t>(
        dice.between(0, static_cast<std::int64_t>(earlier_.size()) - 1))];
    if (when + kStalest > now) records = old;
  }
  if (fate.has(Harm::partial_lists))
    std::erase_if(records, [&](const Record&) { return dice.chance(500); });
  if (fate.has(Harm::empty_lists)) records.clear();
  if (fate.has(Harm::duplicates) && !records.empty()) {
    Record twin = dice.pick(records);
    if (dice.chance(500)) {
      twin.job.status = "TRAINING_JOB_RUNNING";
      if (as_text_) twin.text = render(twin.job, 6);
    }
    records.push_back(twin);
  }
  if (fate.has(Harm::malformed) && !records.empty()) {
    Record& victim = records[static_cast<std::size_t>(
        dice.between(0, static_cast<std::int64_t>(records.size()) - 1))];
    victim.usable = false;
    if (as_text_) victim.text = dice.pick(kBroken);
  }
}

Content Api::answer(Call call, const Fate& fate, bool filtered, const std::string& job_id,
                    Instant now) {
  truth_.advance(now);
  Content content;
  content.date = std::chrono::floor<seconds>(now + date_error(now));
  const bool bare = fate.has(Harm::missing_fields);
  if (call == Call::list) {
    for (TrueJob& job : truth_.jobs()) {
      if (!job.exists) continue;
      const auto& active = core::kActiveStatuses;
      const bool listed = std::any_of(std::begin(active), std::end(active),
                                      [&](const char* status) { return job.now.status == status; });
      if (!filtered || listed) content.records.push_back(record_of(job, now, bare));
    }
    if (plan_.has(Harm::stale_lists)) {
      earlier_.emplace_back(now, content.records);
      if (earlier_.size() > kKeptLists) earlier_.pop_front();
    }
    mangle(content.records, fate, now);
    return content;
  }
  if (call == Call::prices || call == Call::projects || call == Call::usage) return content;
  TrueJob* job = truth_.find(job_id);
  if (job == nullptr || !job->exists) {
    content.not_found = true;
    return content;
  }
  if (call == Call::stop && fate.applied) truth_.stop(*job, now);
  content.records.push_back(record_of(*job, now, bare));
  return content;
}

std::string Api::prices_body() const {
  std::string body = R"({"instance_types":[)";
  bool first = true;
  for (const TypePlan& type : types()) {
    sim::InstanceType rendered;
    rendered.id = rendered.name = type.id;
    rendered.gpu_count = type.gpus;
    rendered.gpu_type = type.gpu;
    body += (first ? "" : ",") + fmt::format(R"({{"instance_type":{},"price":{}}})",
                                             sim::render_instance_type(rendered),
                                             truth_.prices().at(type.id));
    first = false;
  }
  return body + "]}";
}

core::ProjectsRead Api::projects() const {
  core::ProjectsRead read;
  const std::vector<std::pair<const char*, const char*>> known{
      {"llm-a", "research"}, {"llm-b", "research"}, {"prod", nullptr}, {"vision", "vision"}};
  for (std::size_t i = 0; i < known.size(); ++i) {
    core::ProjectsRead::Project project;
    project.id = "p" + std::to_string(i);
    project.name = known[i].first;
    if (known[i].second != nullptr) project.team = known[i].second;
    read.projects.push_back(std::move(project));
  }
  return read;
}

}  // namespace trainstop::proof
