// The endpoints of the Baseten management API that the daemon uses (OpenAPI document of
// api.baseten.co, 2026), as calls that give typed values or a failure in words.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "baseten/usage.hpp"
#include "model/failure.hpp"
#include "model/job.hpp"
#include "model/money.hpp"
#include "model/time.hpp"
#include "net/http.hpp"

namespace trainstop::baseten {

/// When a reply was asked for and came, and what its Date header says; for every reply with a
/// status, failures too.
struct Timing {
  Instant sent, received;
  std::optional<Instant> date;  ///< UTC; empty also when the reply has an Age
};

template <class T>
struct Reply {
  Reply(Timing t, Result<T> v) : timing(t), value(std::move(v)) {}
  Timing timing;
  Result<T> value;
  bool was_sent = true;  ///< whether a byte of the request may have left
};

/// A whole search reply. Timestamps are the API's, in UTC, not translated.
struct JobList {
  std::vector<JobRef> jobs;
  std::size_t unusable = 0;
  std::string first_problem;
};

struct PriceList {
  std::vector<std::pair<std::string, Money>> per_minute;
  std::size_t unusable = 0;
  std::string first_problem;
};

struct Project {
  std::string id, name;
  std::optional<std::string> team;
};

class Api {
 public:
  virtual ~Api() = default;
  /// POST /v1/training_jobs/search, all statuses when `statuses` is empty. The body is decoded
  /// while it streams; a record equal to that of the last list is the same object as then, as
  /// `translate` made it.
  virtual boost::asio::awaitable<Reply<JobList>> search(std::vector<std::string> statuses,
                                                        net::Lane lane) = 0;
  /// GET /v1/training_projects/{project_id}/jobs/{job_id}
  virtual boost::asio::awaitable<Reply<JobRef>> read_job(std::string project_id, std::string job_id,
                                                         net::Lane lane) = 0;
  /// POST …/stop. A 2xx that does not carry a usable training_job of that id is a failure
  /// (unusable).
  virtual boost::asio::awaitable<Reply<JobRef>> stop_job(std::string project_id, std::string job_id,
                                                         std::function<void(Instant)> on_sent) = 0;
  /// GET /v1/instance_type_prices
  virtual boost::asio::awaitable<Reply<PriceList>> prices() = 0;
  /// GET /v1/training_projects
  virtual boost::asio::awaitable<Reply<std::vector<Project>>> projects() = 0;
  /// GET /v1/billing/usage_summary for whole days in UTC from `from` until before `until`, at most
  /// 31: what training has cost.
  virtual boost::asio::awaitable<Reply<UsageList>> usage(std::chrono::sys_days from,
                                                         std::chrono::sys_days until) = 0;
  /// GET /v1/users/me: whether the key is accepted; gives the user's e-mail or id.
  virtual boost::asio::awaitable<Reply<std::string>> whoami() = 0;
  /// The next list's records all count as new: what `translate` made of them holds no longer.
  virtual void forget_records() = 0;
  virtual void keep_warm(int connections) = 0;
  virtual void close() = 0;
};

/// `timeout` bounds each call. `translate` moves a decoded job's timestamps onto the daemon's line
/// (it may also look at them); called once for each record that is new or changed.
std::unique_ptr<Api> make_api(std::unique_ptr<net::Client> client, Duration timeout,
                              std::function<void(JobSnapshot&, Instant received)> translate);

}  // namespace trainstop::baseten
