// The gate: what is to be kept goes to the journal, then to the log, and then the acts leave. A
// journal that fails or is slow is told, and from then on nothing waits for it. Decides only; time
// is an argument.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "core/effects.hpp"
#include "journal/store.hpp"
#include "log/sink.hpp"

namespace trainstop::service {

/// Two readings of the same moment.
struct Moment {
  Instant line;  ///< of the daemon's line
  Instant utc;
};

class Gate {
 public:
  struct Parts {
    std::function<void(journal::Batch)> append;  ///< to the journal; answered by written or failed
    std::function<void(core::Act)> leave;        ///< carries out one act
    /// May add fields that only the shell knows.
    std::function<void(Event&)> complete = [](Event&) {};
    /// An event is about to be kept under this number: images to be kept with it.
    std::function<std::vector<Image>(const Event&, std::uint64_t)> route =
        [](const Event&, std::uint64_t) { return std::vector<Image>{}; };
    /// It has been told.
    std::function<void(const Event&, std::uint64_t)> told = [](const Event&, std::uint64_t) {};
  };
  /// `first_seq`: the number of the first event from here on.
  Gate(Parts parts, log::Sink& sink, std::uint64_t first_seq);

  /// Lets a batch's acts leave once its events and images are durable and its events told. Batches
  /// leave in their order.
  void pass(core::Batch batch, const Moment& now);
  /// Records and tells an event of the shell itself.
  void tell(Event event, const Moment& now);
  /// Keeps an image of the shell's own.
  void keep(Image image, const Moment& now);

  /// So many batches, counted from the first, are durable; `lost` events were not kept. Of many
  /// events kEventsAtOnce are told, the rest by check(): nobody waits long for the loop.
  void written(std::uint64_t batches, std::uint64_t lost, const Moment& now);
  /// The journal could not be written; it is tried again.
  void failed(const journal::Error& error, const Moment& now);
  /// Goes on with what is durable, looks whether the journal is too slow, and tells again what
  /// lasts. To be called at wake().
  void check(const Moment& now);
  Instant wake() const;

  /// Tells what waits, durable or not, and lets no act leave: the end after a bug.
  void abandon();

  bool degraded() const { return degraded_since_ != kNever; }
  /// Nothing waits for the journal.
  bool settled() const { return waiting_.empty(); }

  // D: a commit that takes longer makes the journal degraded.
  static constexpr Duration kSlowest = std::chrono::seconds(1);
  static constexpr std::size_t kEventsAtOnce = 256;

 private:
  struct Waiting {
    std::uint64_t ticket = 0;  ///< how many batches were appended with it
    std::uint64_t first_seq = 0;
    std::vector<Event> events;
    std::vector<core::Act> acts;
    Instant since;
  };
  bool has_durable() const;
  void release_durable(std::size_t most_events);
  void release(Waiting& batch);
  void degrade(std::string reason, std::string words, const Moment& now);
  void tell_degraded(const Moment& now);
  void append(std::vector<Event> events, std::vector<Image> images, std::vector<core::Act> acts,
              const Moment& now);
  void route(const Waiting& waiting, std::vector<Image>& images) const;
  void hand_over(const Waiting& waiting, std::vector<Image> images, const Moment& now);

  Parts parts_;
  log::Sink& sink_;
  std::uint64_t next_seq_;
  std::deque<Waiting> waiting_;     ///< for the journal, oldest first; empty while it is degraded
  std::uint64_t appended_ = 0;      ///< batches
  std::uint64_t durable_ = 0;       ///< of those
  Instant appended_at_ = kLongAgo;  ///< the newest
  Instant degraded_since_ = kNever;
  Instant degraded_utc_ = kNever;
  Instant told_ = kLongAgo;
  std::string reason_, words_;
  std::uint64_t lost_ = 0, lost_before_ = 0;
};

}  // namespace trainstop::service
