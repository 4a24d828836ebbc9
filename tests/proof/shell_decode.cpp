// Replies to facts: through the real splitter, collector and decoder, or as values.
#include <fmt/format.h>

#include <algorithm>

#include "baseten/decode.hpp"
#include "baseten/splitter.hpp"
#include "proof/shell.hpp"

namespace trainstop::proof {

namespace {

constexpr std::size_t kLargestElement = 256 * 1024;
constexpr std::uint64_t kHashSeed = 7;

Failure unusable(std::string message) {
  Failure failure;
  failure.kind = FailureKind::unusable;
  failure.message = std::move(message);
  failure.status = 200;
  return failure;
}

}  // namespace

void Shell::translate(JobSnapshot& job) {
  const Instant now = parts_.now();
  clock_.read_timestamp(0, job.created_at, now);
  clock_.read_timestamp(0, job.updated_at, now);
  job.created_at = clock_.translate(0, job.created_at);
  job.updated_at = clock_.translate(0, job.updated_at);
}

/// As service/clock_feed: what was translated otherwise is to be done anew.
void Shell::forget_if_moved() {
  constexpr Duration kMoved = std::chrono::seconds(1);
  const Duration shift = clock_.api_shift(0);
  if (shift <= api_shift_ + kMoved && shift >= api_shift_ - kMoved) return;
  api_shift_ = shift;
  known_ = std::make_shared<baseten::KnownJobs>();
  values_.clear();
}

/// What the decoder made of a list against what was in it.
void Shell::check_decoded(const std::vector<Record>& records, const std::vector<JobRef>& jobs) {
  std::vector<const JobSnapshot*> wanted;
  for (const Record& record : records) {
    const bool twice = std::any_of(wanted.begin(), wanted.end(), [&](const JobSnapshot* earlier) {
      return earlier->id == record.job.id;
    });
    if (record.usable && !twice) wanted.push_back(&record.job);
  }
  bool same = wanted.size() == jobs.size();
  for (std::size_t i = 0; same && i < wanted.size(); ++i) {
    JobSnapshot made = *jobs[i];
    made.created_at = wanted[i]->created_at;  // translated
    made.updated_at = wanted[i]->updated_at;
    same = made == *wanted[i];
  }
  if (!same)
    parts_.checker->breach("decode",
                           fmt::format("a list of {} usable records gave {} jobs, or others",
                                       wanted.size(), jobs.size()),
                           parts_.now());
}

JobRef Shell::as_value(const Record& record) {
  auto& [raw, made] = values_[record.job.id];
  if (made && raw == record.job) return made;
  auto fresh = std::make_shared<JobSnapshot>(record.job);
  translate(*fresh);
  raw = record.job;
  made = std::move(fresh);
  return made;
}

core::Fact Shell::list(const core::FetchList& act, const Content& content, Instant sent) {
  core::ListRead fact;
  fact.request = act.request;
  fact.sent = sent;
  fact.received = parts_.now();
  fact.filtered = act.filtered;
  if (!parts_.as_text) {
    for (const Record& record : content.records) {
      const bool twice = std::any_of(fact.jobs.begin(), fact.jobs.end(),
                                     [&](const JobRef& job) { return job->id == record.job.id; });
      if (!record.usable) ++fact.unusable;
      if (record.usable && !twice) fact.jobs.push_back(as_value(record));
    }
    return fact;
  }
  baseten::JobCollector collector(known_, kHashSeed);
  baseten::ListSplitter splitter("training_jobs", kLargestElement,
                                 [&](std::string_view raw) { return collector.add(raw); });
  std::string body = R"({"training_jobs":[)";
  for (const Record& record : content.records) {
    if (&record != &content.records.front()) body += ',';
    body += record.text;
  }
  body += "]}";
  const bool whole = splitter.write(body) && splitter.is_complete();
  if (!whole) return failed(act, unusable("not a whole list"), sent);
  baseten::JobList decoded = collector.finish([this](JobSnapshot& job) { translate(job); });
  known_ = collector.known();
  check_decoded(content.records, decoded.jobs);
  fact.jobs = std::move(decoded.jobs);
  fact.unusable = decoded.unusable;
  fact.first_problem = std::move(decoded.first_problem);
  return fact;
}

core::Fact Shell::read(const core::FetchJob& act, const Content& content, Instant sent) {
  core::JobRead fact;
  fact.request = act.request;
  fact.sent = sent;
  fact.received = parts_.now();
  const Record& record = content.records.front();
  if (parts_.as_text) {
    auto decoded = baseten::decode_job_reply("{\"training_job\":" + record.text + "}",
                                             act.project_id, act.job_id);
    if (decoded.has_error()) return failed(act, decoded.error(), sent);
    auto job = std::make_shared<JobSnapshot>(std::move(*decoded));
    translate(*job);
    fact.job = std::move(job);
  } else {
    fact.job = as_value(record);
  }
  return fact;
}

core::Fact Shell::stop(const core::SendStop& act, const Fate& fate, const Content& content,
                       Instant sent) {
  core::StopReplied fact;
  fact.request = act.request;
  fact.sent = sent;
  fact.received = parts_.now();
  fact.was_sent = fate.was_sent;
  fact.failure = fate.failure;
  if (fact.failure || !parts_.as_text || content.records.empty()) return fact;
  const auto decoded = baseten::decode_job_reply(
      "{\"training_job\":" + content.records.front().text + "}", act.project_id, act.job_id);
  if (decoded.has_error()) fact.failure = decoded.error();
  return fact;
}

core::Fact Shell::prices(const core::FetchPrices& act) {
  core::PricesRead fact;
  fact.request = act.request;
  const auto body = baseten::parse_json(parts_.api->prices_body());
  if (!body) return failed(act, unusable("prices are not JSON"), parts_.now());
  for (const baseten::JsonValue& row : body->items.front().items) {
    auto price = baseten::decode_price(row);
    if (price.has_error()) {
      if (++fact.unusable == 1) fact.first_problem = price.error().message;
    } else {
      fact.per_minute.push_back(std::move(*price));
    }
  }
  return fact;
}

core::Fact Shell::failed(const core::Act& act, Failure failure, Instant sent) const {
  core::FetchFailed fact;
  fact.request = std::visit(
      [](const auto& a) {
        if constexpr (requires { a.request; }) {
          return a.request;
        } else {
          return core::RequestId{0};
        }
      },
      act);
  fact.sent = sent;
  fact.received = parts_.now();
  fact.failure = std::move(failure);
  return fact;
}

core::Fact Shell::answer(const core::Act& act, const Fate& fate, const Content* content,
                         Instant sent) {
  static const Content kNothing;
  const Content& reply = content == nullptr ? kNothing : *content;
  if (const auto* send = std::get_if<core::SendStop>(&act)) {
    Fate told = fate;
    if (!told.failure && reply.not_found) {
      told.failure = Failure{FailureKind::not_found, "404", 404, {}};
    }
    return stop(*send, told, reply, sent);
  }
  if (fate.failure || content == nullptr) {
    Failure failure = fate.failure.value_or(Failure{FailureKind::transport, "lost", 0, {}});
    return failed(act, std::move(failure), sent);
  }
  if (reply.not_found) return failed(act, Failure{FailureKind::not_found, "404", 404, {}}, sent);
  if (const auto* fetch = std::get_if<core::FetchList>(&act)) return list(*fetch, reply, sent);
  if (const auto* fetch = std::get_if<core::FetchJob>(&act)) return read(*fetch, reply, sent);
  if (const auto* fetch = std::get_if<core::FetchPrices>(&act)) return prices(*fetch);
  if (const auto* fetch = std::get_if<core::FetchUsage>(&act)) {
    core::UsageRead usage;  // an invoice that names nothing
    usage.request = fetch->request;
    usage.from = fetch->from;
    usage.until = fetch->until;
    return usage;
  }
  core::ProjectsRead projects = parts_.api->projects();
  projects.request = std::get<core::FetchProjects>(act).request;
  return projects;
}

}  // namespace trainstop::proof
