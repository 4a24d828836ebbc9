// One life of the daemon in the world: the real core, gate, dispatcher and clock decider, with the
// thinnest possible shell between them, as service/ has it.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "baseten/collector.hpp"
#include "core/clock.hpp"
#include "core/core.hpp"
#include "log/sink.hpp"
#include "policy/config.hpp"
#include "proof/api.hpp"
#include "proof/checker.hpp"
#include "proof/disk.hpp"
#include "service/dispatcher.hpp"
#include "service/gate.hpp"

namespace trainstop::proof {

class Shell final : private log::Sink {
 public:
  struct Parts {
    Api* api = nullptr;
    Disk* disk = nullptr;
    Checker* checker = nullptr;
    bool as_text = true;
    std::function<Instant()> now;
    std::function<Instant()> wall;
    /// In this life, and not while the machine sleeps.
    std::function<void(Instant, std::function<void()>)> later;
    /// At the API, whatever becomes of the daemon.
    std::function<void(Instant, std::function<void()>)> at_api;
    std::function<void(const core::Batch&)> on_batch;
    std::function<void(const std::string&)> story;  ///< empty when nobody reads it
    std::function<void()> write_disk;
  };
  Shell(Parts parts, policy::Config config, std::uint64_t seed);

  /// Goes on with what the journal holds.
  void begin(std::vector<Image> present, bool lost);
  void tick();
  void pulse();
  Instant wake() const;
  void written(std::size_t batches);
  void write_failed();
  void shut_down();
  /// Of a person.
  void order(core::Fact fact) { feed(std::make_shared<const core::Fact>(std::move(fact))); }
  /// An event that ends the life: when a batch that bears it is handed over.
  std::string death_event;
  bool struck = false;  ///< it was
  std::uint64_t struck_batch = 0;
  std::uint64_t facts() const { return facts_; }

 private:
  void write(const Event& event, std::uint64_t seq) override;
  void reopen() override {}
  bool flush(Duration) override { return true; }
  service::Moment moment() const;
  void feed(std::shared_ptr<const core::Fact> fact);
  void post(core::Fact fact);
  void append(journal::Batch batch);
  void leave(core::Act act);
  void send_what_may_leave();
  void start(core::Act act);
  void call(Call call, const core::Act& act, const Fate& fate, const Content& content);
  void take_clock(const Fate& fate, const Content* content, Instant sent);
  void take_change();
  core::Fact answer(const core::Act& act, const Fate& fate, const Content* content, Instant sent);
  core::Fact list(const core::FetchList& act, const Content& content, Instant sent);
  core::Fact read(const core::FetchJob& act, const Content& content, Instant sent);
  core::Fact stop(const core::SendStop& act, const Fate& fate, const Content& content,
                  Instant sent);
  core::Fact prices(const core::FetchPrices& act);
  core::Fact failed(const core::Act& act, Failure failure, Instant sent) const;
  void translate(JobSnapshot& job);
  JobRef as_value(const Record& record);
  void check_decoded(const std::vector<Record>& records, const std::vector<JobRef>& jobs);
  void check_limits();
  void forget_if_moved();

  Parts parts_;
  policy::Config config_;
  core::ClockDecider clock_;
  Duration shift_{0}, api_shift_{0};
  bool dated_ = false;
  std::optional<core::Core> core_;
  service::Gate gate_;
  service::Dispatcher dispatcher_;
  Instant core_wake_ = kNever, send_at_ = kNever;
  std::uint64_t passing_ = 0;  ///< the batch that goes through the gate
  std::uint64_t durable_ = 0;  ///< batches of this life
  std::uint64_t facts_ = 0;
  std::shared_ptr<const baseten::KnownJobs> known_;
  std::map<std::string, std::pair<JobSnapshot, JobRef>> values_;
  std::deque<Instant> sends_;  ///< of the last second
  int urgent_under_way_ = 0;
};

}  // namespace trainstop::proof
