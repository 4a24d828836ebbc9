// A whole world for the core in one thread and simulated time: an API with jobs, delays and
// failures on one side, the core on the other. What truly happened is kept here, apart from what
// the core tells.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <vector>

#include "core/core.hpp"

namespace trainstop::test {

/// 2026-01-05 00:00 UTC, a Monday: the start of every simulated world.
inline constexpr Instant kStart{std::chrono::seconds(1767571200)};

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;

/// A job as it truly is.
struct TrueJob {
  JobSnapshot now;
  bool exists = true;                  ///< false: a read answers 404 and no list shows it
  Duration stop_latency = 5s;          ///< from an applied stop to STOPPED
  std::vector<Instant> stop_requests;  ///< first bytes
  std::optional<Instant> applied, ended;
  Instant began = kNever;  ///< when it first was in a billed phase
};

/// What the API does to one call instead of answering it, or before.
struct Trouble {
  std::optional<Failure> failure;
  bool applied = false;  ///< a stop takes hold although its reply is lost
};

class World {
 public:
  /// `yaml` holds what differs from a small configuration: rules and any other section.
  explicit World(const std::string& yaml, std::uint64_t seed = 1);

  /// A job that is created at `created` after the start (may be negative) in that status.
  TrueJob& add(const std::string& id, Duration created, const std::string& status = "RUNNING");
  TrueJob& job(const std::string& id) { return jobs_.at(id); }
  /// The job takes that status at this moment.
  void set_status(const std::string& id, const std::string& status);
  /// `what` happens at this time after the start.
  void at(Duration when, std::function<void()> what);
  /// Lets time go by until this long after the start.
  void run_until(Duration when);

  /// Every event of that name, in order; of one job where one is named.
  std::vector<Event> told(const std::string& name, const std::string& job = {}) const;
  /// The names of the events of one job that begin with one of the prefixes, in order.
  std::vector<std::string> story(const std::string& job,
                                 const std::vector<std::string>& prefixes) const;
  bool was_stopped(const std::string& id) { return !job(id).stop_requests.empty(); }
  /// When the first stop request left, after the start.
  Duration first_stop(const std::string& id) { return job(id).stop_requests.at(0) - kStart; }

  /// The daemon dies here, and another one starts `away` later on what the journal holds: with the
  /// same configuration, or with this one. What it had asked is answered to nobody.
  void restart(Duration away, const std::string& yaml = {});
  /// Like it, but the journal could not be read.
  void restart_without_journal(Duration away);
  /// Where the next batch that bears an event of this name ends the daemon: before its records are
  /// durable, or after that and before its acts leave. It is to be started again.
  enum class Death { none, before_records, before_acts };
  void die_at(std::string event, Death death) {
    death_event_ = std::move(event);
    death_ = death;
  }
  bool alive() const { return core_.has_value(); }

  /// What ana orders at this moment, and what becomes of it.
  core::Answer order(decltype(core::Command::what) what);
  /// Other rules from this moment on.
  core::Answer reload(const std::string& yaml);
  /// The key by which commands name a job.
  static std::string key_of(const std::string& id) { return "main/proj1/" + id; }
  /// What the journal holds at present.
  using Present = std::map<std::pair<Image::Kind, std::string>, Image>;
  const Present& present() const { return present_; }
  void set_present(Present present) { present_ = std::move(present); }
  std::size_t images_written() const { return images_written_; }

  Instant now() const { return now_; }
  core::Core& core() { return *core_; }
  /// How often the core was called: a measure of its idle work.
  std::size_t calls_of_core() const { return calls_of_core_; }
  /// `unproven`: no reply has borne a Date.
  void set_shift(Duration shift, bool unproven = false);

  // The API's manners; a test changes them at any time.
  Duration latency = 50ms;
  std::function<Trouble(const std::string& job)> on_stop = [](const std::string&) {
    return Trouble{};
  };
  std::function<Trouble(const std::string& job)> on_read = [](const std::string&) {
    return Trouble{};
  };
  std::function<Trouble(bool filtered)> on_list = [](bool) { return Trouble{}; };
  /// Of prices and projects.
  std::function<Trouble(const std::string& what)> on_side = [](const std::string&) {
    return Trouble{};
  };
  std::function<void(std::vector<JobRef>&)> edit_list = [](std::vector<JobRef>&) {};
  std::map<std::string, std::string> prices = {{"H100x8", "0.86667"}};
  std::vector<core::ProjectsRead::Project> projects = {{"proj1", "llm", "research"}};

  /// What the invoice says; an invoice that names nothing unless a test says otherwise.
  struct Usage {
    std::optional<Failure> failure;
    std::vector<core::UsageRead::Day> days;
    std::size_t unusable = 0;
  };
  std::function<Usage(const core::FetchUsage&)> on_usage = [](const core::FetchUsage&) {
    return Usage{};
  };
  /// The invoice that is due for what truly happened: the minutes of each job that have started
  /// `lag` ago, each at a price per node in nano-dollars.
  Usage true_usage(const core::FetchUsage& asked, std::int64_t per_minute, Duration lag = 1h) const;

  /// Sees every batch of the core before anything is done with it.
  std::function<void(const core::Batch&)> on_batch = [](const core::Batch&) {};

  std::vector<Event> events;
  std::vector<core::Answer> answers;  ///< to commands
  struct Call {
    std::string what;  ///< list, read, stop, prices, projects, usage
    std::string job;
    Instant at;
    bool filtered = false;
  };
  std::vector<Call> calls;

 private:
  void start(Duration away, bool lost);
  void feed(const core::Fact& fact);
  bool dies(const core::Batch& batch, Death where);
  void keep(std::vector<Image> images);
  void carry_out(const core::Act& act);
  void answer(const core::FetchList& act);
  void answer(const core::FetchJob& act);
  void answer(const core::SendStop& act);
  void answer(const core::FetchPrices& act);
  void answer(const core::FetchProjects& act);
  void answer(const core::FetchUsage& act);
  void answer(const core::KeepWarm&) {}
  void answer(const core::Answer& act) { answers.push_back(act); }
  bool fails_aside(const std::string& what, core::RequestId request, AccountIndex account);
  void later(Instant when, std::function<void()> what);
  void answer_later(Instant when, std::function<void()> what);
  void take_stop(const std::string& id);

  struct Planned {
    Instant at;
    std::uint64_t order;
    std::function<void()> what;
    bool operator<(const Planned& other) const {
      return at != other.at ? at > other.at : order > other.order;
    }
  };
  std::priority_queue<Planned> planned_;
  std::uint64_t orders_ = 0;
  Instant now_ = kStart;
  Instant wake_ = kStart;
  std::size_t calls_of_core_ = 0;
  std::map<std::string, TrueJob> jobs_;
  std::string yaml_;
  std::uint64_t seed_;
  std::uint64_t tokens_ = 0;
  std::optional<core::Core> core_;
  std::uint64_t life_ = 0;  ///< answers to an earlier one are lost
  std::string death_event_;
  Death death_ = Death::none;
  Present present_;
  std::size_t images_written_ = 0;
};

/// A failure of that kind, in few words.
Trouble failing(FailureKind kind, unsigned status = 0);

}  // namespace trainstop::test
