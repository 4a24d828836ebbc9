// What the core wants: records for the journal, acts for the shell, and the next wake-up.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "core/facts.hpp"
#include "model/event.hpp"
#include "model/image.hpp"

namespace trainstop::core {

/// In falling urgency; the shell serves a more urgent request first.
enum class Priority : std::uint8_t { stop, verify, confirm, list, lost_read, prices };

/// Search jobs. `statuses` empty: unfiltered. Answered by ListRead or FetchFailed.
struct FetchList {
  RequestId request = 0;
  AccountIndex account = 0;
  Priority priority = Priority::list;
  bool filtered = false;
};

/// Answered by JobRead or FetchFailed (not_found among the kinds).
struct FetchJob {
  RequestId request = 0;
  AccountIndex account = 0;
  Priority priority = Priority::confirm;
  std::string project_id, job_id;
};

/// Answered by PricesRead or FetchFailed.
struct FetchPrices {
  RequestId request = 0;
  AccountIndex account = 0;
};

/// Answered by ProjectsRead or FetchFailed.
struct FetchProjects {
  RequestId request = 0;
  AccountIndex account = 0;
};

/// What training has cost by the invoice, on whole days in UTC from `from` until before `until`; at
/// most 31. Answered by UsageRead or FetchFailed (unauthorized when the key may not read it).
struct FetchUsage {
  RequestId request = 0;
  AccountIndex account = 0;
  std::chrono::sys_days from, until;
};

/// Send one stop request. Answered by StopSent (when a byte leaves) and then StopReplied, or by
/// StopReplied alone.
struct SendStop {
  RequestId request = 0;
  AccountIndex account = 0;
  std::string project_id, job_id;
};

/// Keep this many urgent connections of the account open until told otherwise (0 when no due is
/// near).
struct KeepWarm {
  AccountIndex account = 0;
  int connections = 0;
};

/// What has become of a command.
struct Answer {
  enum class Outcome : std::uint8_t {
    done,
    refused,  ///< nothing was changed
    no_such,  ///< no such job, rule, pot or override
  };
  std::uint64_t token = 0;
  Outcome outcome = Outcome::done;
  std::string message;  ///< one sentence
  /// Of an override: id, until, and of the job that it is about: due_at and rule, if a stop is due.
  Value::Object fields;
};

using Act = std::variant<FetchList, FetchJob, FetchPrices, FetchProjects, FetchUsage, SendStop,
                         KeepWarm, Answer>;

/// The account whose API it asks. Not of an Answer.
inline AccountIndex account_of(const Act& act) {
  return std::visit(
      [](const auto& asked) -> AccountIndex {
        if constexpr (requires { asked.account; }) return asked.account;
        return 0;
      },
      act);
}

/// The core's answer to one fact. The acts may leave only when the records are durable.
struct Batch {
  std::uint64_t number = 0;    ///< 1, 2, 3, …
  std::vector<Event> records;  ///< in order; each becomes a journal entry and is told after that
  std::vector<Image>
      images;  ///< what else the journal must hold: what has changed of what is known
  std::vector<Act> acts;
  Instant wake = kNever;  ///< feed a Tick at this instant, or at once when it has passed
};

/// The statuses a filtered search asks for: those that documents and clients name as alive.
inline constexpr const char* kActiveStatuses[] = {"TRAINING_JOB_PENDING", "TRAINING_JOB_CREATED",
                                                  "TRAINING_JOB_QUEUED", "TRAINING_JOB_DEPLOYING",
                                                  "TRAINING_JOB_RUNNING"};

}  // namespace trainstop::core
