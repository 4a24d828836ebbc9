#include "baseten/api.hpp"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <cstdint>
#include <random>
#include <utility>

#include "baseten/collector.hpp"
#include "baseten/decode.hpp"
#include "baseten/json.hpp"
#include "baseten/splitter.hpp"
#include "baseten/status.hpp"
#include "baseten/usage.hpp"

namespace trainstop::baseten {

namespace {

using boost::asio::awaitable;

// Streamed, so its size costs time but no memory.
constexpr std::uint64_t kLargestList = 512ULL * 1024 * 1024;
constexpr std::uint64_t kLargestTable = 32ULL * 1024 * 1024;
constexpr std::uint64_t kLargestJob = 512 * 1024;
constexpr std::uint64_t kLargestUser = 64 * 1024;
constexpr std::size_t kLargestElement = 256 * 1024;
// Instance types and projects of a workspace, or its jobs of a month: hundreds are usual.
constexpr std::size_t kMostRows = 10'000;

using Translate = std::function<void(JobSnapshot&, Instant)>;

/// What the calls share; it lives until the last of them has ended.
struct Shared {
  Shared(std::unique_ptr<net::Client> c, Duration t, Translate f)
      : client(std::move(c)),
        timeout(t),
        translate(std::move(f)),
        known(std::make_shared<KnownJobs>()) {
    std::random_device random;
    seed = (std::uint64_t{random()} << 32) | random();
  }
  std::unique_ptr<net::Client> client;
  Duration timeout;
  Translate translate;
  std::shared_ptr<const KnownJobs> known;
  std::uint64_t seed;
};

using SharedRef = std::shared_ptr<Shared>;

Failure unusable(std::string message) {
  Failure failure;
  failure.kind = FailureKind::unusable;
  failure.message = std::move(message);
  return failure;
}

/// A reply with a 2xx, or why there is none.
struct Fetched {
  Fetched(Timing t, bool s, Result<std::string> b) : timing(t), was_sent(s), body(std::move(b)) {}
  Timing timing;
  bool was_sent;
  Result<std::string> body;
};

template <class T>
Reply<T> reply(const Fetched& fetched, Result<T> value) {
  Reply<T> result(fetched.timing, std::move(value));
  result.was_sent = fetched.was_sent;
  return result;
}

Fetched fetched_of(net::Outcome outcome) {
  Timing timing;
  if (auto* const failed = std::get_if<net::CallFailure>(&outcome)) {
    timing.sent = failed->sent;
    timing.received = failed->received;
    return Fetched(timing, failed->was_sent, std::move(failed->failure));
  }
  auto& response = std::get<net::Response>(outcome);
  timing.sent = response.sent;
  timing.received = response.received;
  if (!response.has_age) timing.date = response.date;
  if (auto failure = failure_of(response)) return Fetched(timing, true, std::move(*failure));
  return Fetched(timing, true, std::move(response.body));
}

awaitable<Fetched> fetch(SharedRef shared, net::Request request, net::CallOptions options) {
  options.timeout = shared->timeout;
  net::Outcome outcome = co_await shared->client->call(std::move(request), std::move(options));
  co_return fetched_of(std::move(outcome));
}

net::Request get(std::string target) {
  net::Request request;
  request.target = std::move(target);
  return request;
}

net::CallOptions options_for(net::Lane lane, std::uint64_t max_body) {
  net::CallOptions options;
  options.lane = lane;
  options.max_body = max_body;
  return options;
}

std::string job_target(const std::string& project_id, const std::string& job_id) {
  return fmt::format("/v1/training_projects/{}/jobs/{}", project_id, job_id);
}

/// An id that is none never reaches a URL.
template <class T>
Reply<T> not_an_id() {
  Failure failure;
  failure.kind = FailureKind::client_error;
  failure.message = "project or job id is not an API id";
  Reply<T> result(Timing{}, std::move(failure));
  result.was_sent = false;
  return result;
}

net::Request search_request(const std::vector<std::string>& statuses) {
  net::Request request;
  request.post = true;
  request.repeatable = true;
  request.target = "/v1/training_jobs/search";
  request.body = "{}";
  if (!statuses.empty()) {
    boost::json::array names(statuses.begin(), statuses.end());
    request.body = R"({"statuses":)" + boost::json::serialize(names) + "}";
  }
  return request;
}

/// The failure of a list: what the splitter or the collector found, when it was the body.
Failure list_failure(Failure failure, const std::string& problem) {
  const bool is_body = failure.kind == FailureKind::unusable && failure.status == 0;
  if (is_body && !problem.empty()) failure.message = problem;
  return failure;
}

awaitable<Reply<JobList>> run_search(SharedRef shared, std::vector<std::string> statuses,
                                     net::Lane lane) {
  const auto collector = std::make_shared<JobCollector>(shared->known, shared->seed);
  const auto splitter = std::make_shared<ListSplitter>(
      "training_jobs", kLargestElement,
      [collector](std::string_view raw) { return collector->add(raw); });
  net::CallOptions options = options_for(lane, kLargestList);
  options.body_sink = [splitter](std::string_view piece) { return splitter->write(piece); };
  net::Request request = search_request(statuses);
  const Fetched fetched = co_await fetch(shared, std::move(request), std::move(options));
  if (fetched.body.has_error()) {
    co_return reply<JobList>(fetched, list_failure(fetched.body.error(), collector->problem()));
  }
  if (!splitter->is_complete()) {
    co_return reply<JobList>(fetched, unusable("reply is not a whole training_jobs list"));
  }
  const Instant received = fetched.timing.received;
  JobList list = collector->finish(
      [&shared, received](JobSnapshot& job) { shared->translate(job, received); });
  shared->known = collector->known();
  co_return reply<JobList>(fetched, std::move(list));
}

awaitable<Reply<JobRef>> run_job(SharedRef shared, net::Request request, net::CallOptions options,
                                 std::string project_id, std::string job_id) {
  const Fetched fetched = co_await fetch(shared, std::move(request), std::move(options));
  if (fetched.body.has_error()) co_return reply<JobRef>(fetched, fetched.body.error());
  auto job = decode_job_reply(*fetched.body, project_id, job_id);
  if (job.has_error()) co_return reply<JobRef>(fetched, job.error());
  shared->translate(*job, fetched.timing.received);
  co_return reply<JobRef>(fetched, std::make_shared<const JobSnapshot>(std::move(*job)));
}

/// Reads a table `{KEY: [row, …]}` row by row, of which `around` bytes may be something else.
awaitable<Fetched> read_table(SharedRef shared, std::string target, std::string key,
                              std::function<void(const JsonValue&)> take_row,
                              std::size_t around = ListSplitter::kLargestEnvelope) {
  const auto rows = std::make_shared<std::size_t>(0);
  const auto splitter = std::make_shared<ListSplitter>(
      key, kLargestElement,
      [rows, take_row](std::string_view raw) {
        if (++*rows > kMostRows) return false;
        const auto value = parse_json(raw, kDeepest - 3);
        if (value) take_row(*value);
        return value.has_value() || raw.empty();
      },
      around);
  net::CallOptions options = options_for(net::Lane::normal, kLargestTable);
  options.body_sink = [splitter](std::string_view piece) { return splitter->write(piece); };
  net::Request request = get(std::move(target));
  Fetched fetched = co_await fetch(shared, std::move(request), std::move(options));
  if (fetched.body.has_value() && !splitter->is_complete()) {
    fetched.body = unusable(fmt::format("reply is not a whole {} list", key));
  }
  co_return fetched;
}

void add_price(PriceList& prices, const JsonValue& row) {
  auto price = decode_price(row);
  std::string problem;
  if (price.has_error()) {
    problem = price.error().message;
  } else {
    for (const auto& [type, amount] : prices.per_minute) {
      if (type != price->first) continue;
      if (amount == price->second) return;
      problem = fmt::format("{} has two prices", quotable(type, 100));
    }
  }
  if (problem.empty()) {
    prices.per_minute.push_back(std::move(*price));
  } else if (++prices.unusable == 1) {
    prices.first_problem = problem;
  }
}

awaitable<Reply<PriceList>> run_prices(SharedRef shared) {
  const auto prices = std::make_shared<PriceList>();
  std::function<void(const JsonValue&)> take = [prices](const JsonValue& row) {
    add_price(*prices, row);
  };
  const Fetched fetched =
      co_await read_table(shared, "/v1/instance_type_prices", "instance_types", std::move(take));
  if (fetched.body.has_error()) co_return reply<PriceList>(fetched, fetched.body.error());
  co_return reply<PriceList>(fetched, std::move(*prices));
}

awaitable<Reply<std::vector<Project>>> run_projects(SharedRef shared) {
  using Projects = std::vector<Project>;
  const auto projects = std::make_shared<Projects>();
  std::function<void(const JsonValue&)> take = [projects](const JsonValue& row) {
    auto project = decode_project(row);
    if (project.has_value()) projects->push_back(std::move(*project));
  };
  const Fetched fetched =
      co_await read_table(shared, "/v1/training_projects", "training_projects", std::move(take));
  if (fetched.body.has_error()) co_return reply<Projects>(fetched, fetched.body.error());
  co_return reply<Projects>(fetched, std::move(*projects));
}

awaitable<Reply<UsageList>> run_usage(SharedRef shared, std::string target) {
  const auto usage = std::make_shared<UsageCollector>();
  std::function<void(const JsonValue&)> take = [usage](const JsonValue& row) { usage->add(row); };
  // What models have cost stands around it, deployment by deployment.
  const Fetched fetched = co_await read_table(shared, std::move(target), "training_usage.breakdown",
                                              std::move(take), kLargestTable);
  if (fetched.body.has_error()) co_return reply<UsageList>(fetched, fetched.body.error());
  co_return reply<UsageList>(fetched, std::move(usage->list()));
}

awaitable<Reply<std::string>> run_whoami(SharedRef shared) {
  net::CallOptions options = options_for(net::Lane::normal, kLargestUser);
  net::Request request = get("/v1/users/me");
  const Fetched fetched = co_await fetch(shared, std::move(request), std::move(options));
  if (fetched.body.has_error()) co_return reply<std::string>(fetched, fetched.body.error());
  co_return reply<std::string>(fetched, decode_user(*fetched.body));
}

template <class T>
awaitable<Reply<T>> at_once(Reply<T> value) {
  co_return value;
}

class BasetenApi final : public Api {
 public:
  explicit BasetenApi(SharedRef shared) : shared_(std::move(shared)) {}
  ~BasetenApi() override { shared_->client->close(); }
  BasetenApi(const BasetenApi&) = delete;
  BasetenApi& operator=(const BasetenApi&) = delete;

  awaitable<Reply<JobList>> search(std::vector<std::string> statuses, net::Lane lane) override {
    return run_search(shared_, std::move(statuses), lane);
  }

  awaitable<Reply<JobRef>> read_job(std::string project_id, std::string job_id,
                                    net::Lane lane) override {
    if (!is_api_id(project_id) || !is_api_id(job_id)) return at_once(not_an_id<JobRef>());
    net::Request request = get(job_target(project_id, job_id));
    return run_job(shared_, std::move(request), options_for(lane, kLargestJob),
                   std::move(project_id), std::move(job_id));
  }

  awaitable<Reply<JobRef>> stop_job(std::string project_id, std::string job_id,
                                    std::function<void(Instant)> on_sent) override {
    if (!is_api_id(project_id) || !is_api_id(job_id)) return at_once(not_an_id<JobRef>());
    net::Request request;
    request.post = true;
    request.target = job_target(project_id, job_id) + "/stop";
    request.body = "{}";
    net::CallOptions options = options_for(net::Lane::urgent, kLargestJob);
    options.on_sent = std::move(on_sent);
    return run_job(shared_, std::move(request), std::move(options), std::move(project_id),
                   std::move(job_id));
  }

  awaitable<Reply<PriceList>> prices() override { return run_prices(shared_); }
  awaitable<Reply<std::vector<Project>>> projects() override { return run_projects(shared_); }
  awaitable<Reply<UsageList>> usage(std::chrono::sys_days from,
                                    std::chrono::sys_days until) override {
    return run_usage(shared_, usage_target(from, until));
  }
  awaitable<Reply<std::string>> whoami() override { return run_whoami(shared_); }
  void forget_records() override { shared_->known = std::make_shared<KnownJobs>(); }
  void keep_warm(int connections) override { shared_->client->keep_warm(connections); }
  void close() override { shared_->client->close(); }

 private:
  SharedRef shared_;
};

}  // namespace

std::unique_ptr<Api> make_api(std::unique_ptr<net::Client> client, Duration timeout,
                              std::function<void(JobSnapshot&, Instant received)> translate) {
  return std::make_unique<BasetenApi>(
      std::make_shared<Shared>(std::move(client), timeout, std::move(translate)));
}

}  // namespace trainstop::baseten
