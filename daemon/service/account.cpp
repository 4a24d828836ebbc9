#include "service/account.hpp"

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <iterator>
#include <utility>

#include "journal/failpoint.hpp"
#include "service/secrets.hpp"

namespace trainstop::service {

namespace asio = boost::asio;

Account::Account(asio::any_io_executor executor, const policy::Config& config, AccountParts parts)
    : executor_(executor),
      parts_(std::move(parts)),
      dispatcher_(config.poll.rate_limit, config.stop.concurrency, config.poll.connections),
      next_(executor) {}

void Account::carry_out(core::Act act) {
  if (closed_) return;
  if (const auto* warm = std::get_if<core::KeepWarm>(&act)) {
    parts_.api->keep_warm(warm->connections);
    return;
  }
  if (!polling_ && priority_of(act) != core::Priority::stop) return;
  dispatcher_.push(std::move(act));
  send_what_may_leave();
}

void Account::stop_polling() {
  polling_ = false;
  dispatcher_.keep_only_stops();
}

void Account::close() {
  closed_ = true;
  next_.cancel();
  parts_.api->close();
}

void Account::send_what_may_leave() {
  if (closed_) return;
  while (true) {
    const Instant now = parts_.clock->now();
    auto [act, again] = dispatcher_.next(now);
    if (act) {
      start(std::move(*act));
      continue;
    }
    if (again == kNever) return;
    next_.expires_after(again - now);
    next_.async_wait([this](const boost::system::error_code& error) {
      if (!error) send_what_may_leave();
    });
    return;
  }
}

void Account::start(core::Act act) {
  const core::Priority priority = priority_of(act);
  asio::co_spawn(executor_, serve(std::move(act)), [this, priority](std::exception_ptr bug) {
    // A call answers with a failure; what it throws is a bug, and ends the daemon.
    if (bug) std::rethrow_exception(bug);
    dispatcher_.done(priority);
    send_what_may_leave();
  });
}

asio::awaitable<void> Account::serve(core::Act act) {
  if (auto* list = std::get_if<core::FetchList>(&act)) {
    co_await fetch_list(std::move(*list));
  } else if (auto* job = std::get_if<core::FetchJob>(&act)) {
    co_await fetch_job(std::move(*job));
  } else if (auto* prices = std::get_if<core::FetchPrices>(&act)) {
    co_await fetch_prices(std::move(*prices));
  } else if (auto* projects = std::get_if<core::FetchProjects>(&act)) {
    co_await fetch_projects(std::move(*projects));
  } else if (auto* usage = std::get_if<core::FetchUsage>(&act)) {
    co_await fetch_usage(std::move(*usage));
  } else if (auto* stop = std::get_if<core::SendStop>(&act)) {
    co_await send_stop(std::move(*stop));
  }
}

// The first list's timestamps are translated while it streams: by then it should be known whether
// this machine's clock or the API's is off. A few small requests at most; they are not worth a
// place in the queue, and a list does not depend on their success.
asio::awaitable<void> Account::ask_date() {
  if (date_asks_left_ == 0) co_return;
  --date_asks_left_;
  auto reply = co_await parts_.api->whoami();
  read_date(reply.timing);
  const bool answered = reply.value.has_value() || reply.value.error().status != 0;
  if (answered) date_asks_left_ = 0;
}

asio::awaitable<std::optional<Instant>> Account::read_api_date() {
  auto reply = co_await parts_.api->whoami();
  co_return reply.timing.date;
}

asio::awaitable<void> Account::fetch_list(core::FetchList act) {
  co_await ask_date();
  std::vector<std::string> statuses;
  if (act.filtered) {
    statuses.assign(std::begin(core::kActiveStatuses), std::end(core::kActiveStatuses));
  }
  auto reply = co_await parts_.api->search(std::move(statuses), lane_of(act.priority));
  if (reply.value.has_error()) {
    answer(reply.timing, failed(act.request, reply.timing, reply.value.error()));
    co_return;
  }
  baseten::JobList list = std::move(reply.value).value();
  core::ListRead read;
  read.request = act.request;
  read.account = parts_.index;
  read.sent = reply.timing.sent;
  read.received = reply.timing.received;
  read.filtered = act.filtered;
  read.jobs = std::move(list.jobs);
  read.unusable = list.unusable;
  read.first_problem = redact(std::move(list.first_problem), parts_.key);
  answer(reply.timing, std::move(read));
  if (parts_.clock->translation_moved(parts_.index)) parts_.api->forget_records();
}

asio::awaitable<void> Account::fetch_job(core::FetchJob act) {
  auto reply = co_await parts_.api->read_job(act.project_id, act.job_id, lane_of(act.priority));
  if (reply.value.has_error()) {
    answer(reply.timing, failed(act.request, reply.timing, reply.value.error()));
    co_return;
  }
  core::JobRead read;
  read.request = act.request;
  read.account = parts_.index;
  read.sent = reply.timing.sent;
  read.received = reply.timing.received;
  read.job = std::move(reply.value).value();
  answer(reply.timing, std::move(read));
}

// Prices, projects and invoices bear no timestamps to translate, and may come out of another cache
// than jobs do: their dates say nothing of the jobs' clock.
asio::awaitable<void> Account::fetch_prices(core::FetchPrices act) {
  auto reply = co_await parts_.api->prices();
  if (reply.value.has_error()) {
    parts_.post(failed(act.request, reply.timing, reply.value.error()));
    co_return;
  }
  baseten::PriceList list = std::move(reply.value).value();
  core::PricesRead read;
  read.request = act.request;
  read.account = parts_.index;
  read.per_minute = std::move(list.per_minute);
  read.unusable = list.unusable;
  read.first_problem = redact(std::move(list.first_problem), parts_.key);
  parts_.post(std::move(read));
}

asio::awaitable<void> Account::fetch_projects(core::FetchProjects act) {
  auto reply = co_await parts_.api->projects();
  if (reply.value.has_error()) {
    parts_.post(failed(act.request, reply.timing, reply.value.error()));
    co_return;
  }
  core::ProjectsRead read;
  read.request = act.request;
  read.account = parts_.index;
  for (baseten::Project& project : reply.value.value()) {
    core::ProjectsRead::Project seen;
    seen.id = std::move(project.id);
    seen.name = std::move(project.name);
    seen.team = std::move(project.team);
    read.projects.push_back(std::move(seen));
  }
  parts_.post(std::move(read));
}

asio::awaitable<void> Account::fetch_usage(core::FetchUsage act) {
  auto reply = co_await parts_.api->usage(act.from, act.until);
  if (reply.value.has_error()) {
    parts_.post(failed(act.request, reply.timing, reply.value.error()));
    co_return;
  }
  baseten::UsageList list = std::move(reply.value).value();
  core::UsageRead read;
  read.request = act.request;
  read.account = parts_.index;
  read.from = act.from;
  read.until = act.until;
  for (baseten::UsageDay& day : list.days) {
    core::UsageRead::Day seen;
    seen.job_id = std::move(day.job_id);
    seen.day = day.day;
    seen.minutes = day.minutes;
    seen.billed = day.billed;
    read.days.push_back(std::move(seen));
  }
  read.unusable = list.unusable;
  read.first_problem = redact(std::move(list.first_problem), parts_.key);
  parts_.post(std::move(read));
}

asio::awaitable<void> Account::send_stop(core::SendStop act) {
  TRAINSTOP_FAILPOINT("send.before_request");
  std::function<void(Instant)> on_sent = [this, request = act.request](Instant at) {
    TRAINSTOP_FAILPOINT("send.request_left");
    core::StopSent sent;
    sent.request = request;
    sent.at = at;
    parts_.post(sent);
  };
  auto reply = co_await parts_.api->stop_job(act.project_id, act.job_id, std::move(on_sent));
  TRAINSTOP_FAILPOINT("send.replied");
  core::StopReplied replied;
  replied.request = act.request;
  replied.sent = reply.timing.sent;
  replied.received = reply.timing.received;
  replied.was_sent = reply.was_sent;
  if (reply.value.has_error()) replied.failure = without_key(reply.value.error());
  answer(reply.timing, std::move(replied));
}

void Account::read_date(const baseten::Timing& timing) {
  parts_.clock->read_reply(parts_.index, timing);
  if (auto change = parts_.clock->take_change()) parts_.post(std::move(*change));
}

void Account::answer(const baseten::Timing& timing, core::Fact fact) {
  read_date(timing);
  parts_.post(std::move(fact));
}

core::Fact Account::failed(core::RequestId request, const baseten::Timing& timing,
                           Failure failure) const {
  core::FetchFailed fact;
  fact.request = request;
  fact.account = parts_.index;
  fact.sent = timing.sent;
  fact.received = timing.received;
  fact.failure = without_key(std::move(failure));
  return fact;
}

Failure Account::without_key(Failure failure) const {
  failure.message = redact(std::move(failure.message), parts_.key);
  return failure;
}

}  // namespace trainstop::service
