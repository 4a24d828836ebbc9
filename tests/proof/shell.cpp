#include "proof/shell.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trainstop::proof {

namespace {

// As service/root_start.cpp.
constexpr std::size_t kImagesPerFact = 128;

}  // namespace

Shell::Shell(Parts parts, policy::Config config, std::uint64_t seed)
    : parts_(std::move(parts)),
      config_(std::move(config)),
      clock_({"main"}, parts_.now(), parts_.wall()),
      gate_({[this](journal::Batch batch) { append(std::move(batch)); },
             [this](core::Act act) { leave(std::move(act)); }},
            *this, 1),
      dispatcher_(config_.poll.rate_limit, config_.stop.concurrency, config_.poll.connections),
      known_(std::make_shared<baseten::KnownJobs>()) {
  auto change = clock_.take_change(parts_.now());
  shift_ = change ? change->utc_shift : Duration{0};
  parts_.checker->set_clock(shift_, parts_.now());
  core_.emplace(config_, parts_.now(), shift_, seed);
  if (change) post(std::move(*change));
}

void Shell::begin(std::vector<Image> present, bool lost) {
  std::size_t next = 0;
  do {
    core::Recalled piece;
    const std::size_t end = std::min(present.size(), next + kImagesPerFact);
    for (; next < end; ++next) piece.images.push_back(std::move(present[next]));
    piece.last = next == present.size();
    piece.lost = lost;
    feed(std::make_shared<const core::Fact>(std::move(piece)));
  } while (next < present.size());
  post(core::Tick{});
}

service::Moment Shell::moment() const {
  return {parts_.now(), saturating_add(parts_.now(), shift_)};
}

Instant Shell::wake() const {
  return std::min({core_wake_, gate_.wake(), send_at_});
}

void Shell::tick() {
  const Instant now = parts_.now();
  if (now >= gate_.wake()) gate_.check(moment());
  if (now >= send_at_) send_what_may_leave();
  if (now >= core_wake_) {
    static const auto tick_fact = std::make_shared<const core::Fact>(core::Tick{});
    feed(tick_fact);
  }
}

void Shell::pulse() {
  clock_.read_wall(parts_.now(), parts_.wall());
  take_change();
}

void Shell::take_change() {
  auto change = clock_.take_change(parts_.now());
  if (!change) return;
  if (parts_.story) {
    parts_.story(fmt::format(
        "  the clock is off by {}; in truth the wall's by {}, the Date's by {}",
        format_duration(change->utc_shift), format_duration(parts_.wall() - parts_.now()),
        format_duration(parts_.api->date_error(parts_.now()))));
  }
  shift_ = change->utc_shift;
  post(std::move(*change));
}

void Shell::shut_down() {
  dispatcher_.keep_only_stops();
  feed(std::make_shared<const core::Fact>(core::Shutdown{}));
}

/// One fact a turn, in order.
void Shell::post(core::Fact fact) {
  auto shared = std::make_shared<const core::Fact>(std::move(fact));
  parts_.later(parts_.now(), [this, shared] { feed(shared); });
}

void Shell::feed(std::shared_ptr<const core::Fact> fact) {
  ++facts_;
  const Instant now = parts_.now();
  core::Batch batch = core_->handle(*fact, now);
  core_wake_ = batch.wake;
  parts_.on_batch(batch);
  parts_.checker->saw(fact, batch, now);
  passing_ = batch.number;
  if (!death_event.empty() && !struck) {
    struck = std::any_of(batch.records.begin(), batch.records.end(),
                         [&](const Event& event) { return event.name == death_event; });
    struck_batch = passing_;
  }
  gate_.pass(std::move(batch), moment());
  passing_ = 0;
}

void Shell::append(journal::Batch batch) {
  Disk::Waiting waiting;
  waiting.images = std::move(batch.images);
  waiting.core_batch = passing_;
  parts_.disk->last_utc = batch.utc;
  parts_.disk->append(std::move(waiting));
  parts_.write_disk();
}

void Shell::written(std::size_t batches) {
  durable_ += batches;
  gate_.written(durable_, 0, moment());
}

void Shell::write_failed() {
  gate_.failed({journal::Error::Kind::unwritable, "database or disk is full"}, moment());
}

void Shell::write(const Event& event, std::uint64_t) {
  parts_.checker->told(event, gate_.degraded());
  if (!parts_.story || event.level == Level::debug) return;
  std::string line = event.name;
  for (const char* field : {"job", "rule", "phase", "status", "due_at", "reason", "verified",
                            "failure", "cost", "cost_limit"}) {
    const Value* value = event.find(field);
    if (value == nullptr) continue;
    line += std::string(" ") + field + "=";
    if (const auto* text = std::get_if<std::string>(&value->data)) line += *text;
    if (const auto* at = std::get_if<Instant>(&value->data)) line += format_rfc3339(*at);
    if (const auto* yes = std::get_if<bool>(&value->data)) line += *yes ? "yes" : "no";
    if (const auto* money = std::get_if<Money>(&value->data)) line += "$" + format_decimal(*money);
  }
  parts_.story(line);
}

void Shell::leave(core::Act act) {
  parts_.checker->left(act, gate_.degraded(), parts_.now());
  if (std::holds_alternative<core::KeepWarm>(act) || std::holds_alternative<core::Answer>(act))
    return;
  dispatcher_.push(std::move(act));
  // The gate goes on with other acts first: what leaves next is the dispatcher's to decide.
  send_at_ = parts_.now();
}

void Shell::send_what_may_leave() {
  send_at_ = kNever;
  while (true) {
    auto [act, again] = dispatcher_.next(parts_.now());
    if (!act) {
      send_at_ = again;
      return;
    }
    start(std::move(*act));
  }
}

/// What the dispatcher promises: the rate, and connections for stops.
void Shell::check_limits() {
  const Instant now = parts_.now();
  sends_.push_back(now);
  while (!sends_.empty() && sends_.front() + std::chrono::seconds(1) <= now) sends_.pop_front();
  if (sends_.size() > static_cast<std::size_t>(config_.poll.rate_limit))
    parts_.checker->breach("limits", fmt::format("{} requests in one second", sends_.size()), now);
  if (urgent_under_way_ > config_.stop.concurrency)
    parts_.checker->breach("limits", fmt::format("{} urgent requests at once", urgent_under_way_),
                           now);
}

void Shell::start(core::Act act) {
  const core::Priority priority = service::priority_of(act);
  const bool urgent = service::lane_of(priority) == net::Lane::urgent;
  if (urgent) ++urgent_under_way_;
  check_limits();
  const Instant sent = parts_.now();
  Call call = Call::list;
  std::string job;
  bool filtered = false;
  if (const auto* fetch = std::get_if<core::FetchList>(&act)) filtered = fetch->filtered;
  if (const auto* fetch = std::get_if<core::FetchJob>(&act)) call = Call::read, job = fetch->job_id;
  if (const auto* send = std::get_if<core::SendStop>(&act)) call = Call::stop, job = send->job_id;
  if (std::holds_alternative<core::FetchPrices>(act)) call = Call::prices;
  if (std::holds_alternative<core::FetchProjects>(act)) call = Call::projects;
  if (std::holds_alternative<core::FetchUsage>(act)) call = Call::usage;
  const Fate fate = parts_.api->throw_fate(call, sent, config_.poll.timeout);
  if (parts_.story && (call != Call::list || !fate.harms.empty())) {
    std::string line = fmt::format("  {} {}", to_string(call), job);
    for (const Harm harm : fate.harms) line += fmt::format(" [{}]", to_string(harm));
    if (fate.failure) line += " -> " + std::string(to_string(fate.failure->kind));
    parts_.story(line);
  }
  if (call == Call::stop && fate.was_sent) {
    parts_.checker->sent(std::get<core::SendStop>(act), sent);
    post(core::StopSent{std::get<core::SendStop>(act).request, sent});
  }
  // whoami goes ahead of the first list, for its Date; it fares as the list does.
  const bool answered = fate.arrival && (!fate.failure || fate.failure->status != 0);
  if (call == Call::list && !dated_ && answered) {
    Fate whoami;
    Content date;
    date.date = std::chrono::floor<std::chrono::seconds>(sent + parts_.api->date_error(sent));
    take_clock(whoami, &date, sent);
  }
  auto content = std::make_shared<std::optional<Content>>();
  if (fate.arrival) {
    parts_.at_api(*fate.arrival, [this_api = parts_.api, content, call, fate, filtered, job] {
      *content = this_api->answer(call, fate, filtered, job, *fate.arrival);
    });
  }
  parts_.later(fate.reply, [this, act, fate, content, sent, priority, urgent] {
    if (urgent) --urgent_under_way_;
    const Content* reply = content->has_value() ? &**content : nullptr;
    core::Fact fact = answer(act, fate, reply, sent);
    const bool dated = std::holds_alternative<core::FetchPrices>(act) == false &&
                       std::holds_alternative<core::FetchProjects>(act) == false &&
                       std::holds_alternative<core::FetchUsage>(act) == false;
    if (dated) take_clock(fate, reply, sent);
    post(std::move(fact));
    if (std::holds_alternative<core::FetchList>(act)) forget_if_moved();
    dispatcher_.done(priority);
    send_what_may_leave();
  });
}

void Shell::take_clock(const Fate& fate, const Content* content, Instant sent) {
  const bool has_status = !fate.failure || fate.failure->status != 0;
  if (content != nullptr && content->date && has_status) {
    clock_.read_date(0, *content->date, sent, parts_.now());
    dated_ = true;
    parts_.checker->dated(parts_.now());
  }
  take_change();
}

}  // namespace trainstop::proof
