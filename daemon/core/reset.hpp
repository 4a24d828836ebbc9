// A person's reset of an open breaker, between two lives of the daemon: images in, images out. What
// was held and shown is let pass; the count begins at zero.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/event.hpp"
#include "model/image.hpp"

namespace trainstop::core {

/// A due stop that the breaker keeps from leaving.
struct HeldStop {
  std::string key;       ///< of the job's images: account/project id/job id
  std::string job_name;  ///< empty when it is not known
  std::string rule;
  Instant due = kNever;
  bool operator==(const HeldStop&) const = default;
};

/// The daemon's breaker, or else the first of the rules' own; a reset closes all that are open.
struct OpenBreaker {
  std::string reason;  ///< `max_stops`, `surprise` or `journal_lost`
  Instant since = kNever;
  std::vector<HeldStop> held;           ///< in the order of their dues
  std::vector<std::string> rules = {};  ///< whose own breakers are open
  bool of_rule = false;                 ///< `reason` and `since` are those of the first of them
  bool operator==(const OpenBreaker&) const = default;
};

/// Empty when the breaker is closed. Instants are on the daemon's line.
std::optional<OpenBreaker> find_open_breaker(const std::vector<Image>& present);

/// The images to put: a closed breaker that has counted nothing, and the held stops, approved.
/// Empty when the breaker is closed.
std::vector<Image> reset_breaker(const std::vector<Image>& present);

/// `breaker.reset`; `user` and `reason` are the person's, `shift` is UTC minus the line.
Event breaker_reset(const OpenBreaker& breaker, Instant utc, Duration shift,
                    const std::string& user, const std::string& reason);

}  // namespace trainstop::core
