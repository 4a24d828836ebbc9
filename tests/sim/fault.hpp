// The faults that the simulated API can be told to show, and which request each of them strikes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/types.hpp"

namespace trainstop::sim {

/// The first group decides the whole reply: of several that fit a request only the first strikes.
/// The second group (from `delay`) colours a reply: all that fit strike together.
enum class FaultKind : std::uint8_t {
  status,               ///< `status` with `body` (empty: an HTML page)
  reset_before,         ///< connection reset, nothing applied
  reset_after,          ///< connection reset once applied; no byte of a reply
  hang,                 ///< no byte of a reply until the client goes away
  hang_midway,          ///< head and half of the body, then silence
  drip,                 ///< `bytes` (1) of the reply each `duration` (200 ms)
  truncate,             ///< with Content-Length: half of the body, then a clean close
  truncate_unsized,     ///< without Content-Length: half of the body, then a clean close
  truncate_rude,        ///< without Content-Length: half of the body, closed without close_notify
  garbage,              ///< bytes that are not HTTP
  garbage_body,         ///< 200 whose body is `body` (empty: an HTML page)
  empty_body,           ///< 200 without a body
  oversize,             ///< an endless JSON string
  endless_list,         ///< endlessly more records, each with an id of its own
  endless_header,       ///< a header without end
  redirect,             ///< 302 to `body` (empty: another host)
  not_found,            ///< 404 with code and message
  empty_list,           ///< a list without records
  partial_list,         ///< only `jobs`; when empty, every second record
  hidden_jobs,          ///< a list without `jobs`
  stale_list,           ///< the list, or a single record, as it was when the fault was added
  duplicate_records,    ///< each record twice; the second with status `body` when not empty
  malformed_records,    ///< unusable records before the true ones; `jobs` or one lacks its status
  duplicate_keys,       ///< each record ends with `body` (empty: id and status a second time)
  huge_numbers,         ///< 1e400 where numbers are
  bad_utf8,             ///< bytes that are not UTF-8 inside a string
  bom,                  ///< a byte order mark before the JSON
  trailing_data,        ///< more after the JSON value
  deep_nesting,         ///< a hundred thousand brackets
  other_job,            ///< a single record with another job's id
  rate_limited_body,    ///< 429 with retry_after = `duration` in the body
  rate_limited_header,  ///< 429 with Retry-After: `duration`
  ignored_stop,         ///< a stop is answered as if applied, and is not
  prices_zero,
  prices_negative,
  prices_thousandfold,
  prices_untyped,  ///< strings and nulls for numbers
  prices_missing,  ///< records without a price

  delay,             ///< `duration` before the reply
  date_offset,       ///< the Date header is wrong by `duration`
  no_date,           ///< no Date header
  age,               ///< an Age header of `duration`, the Date as old
  continue_first,    ///< 100 Continue before the reply
  close_announced,   ///< Connection: close, and closed after the reply
  close_silent,      ///< closed after the reply without telling
  close_after_idle,  ///< closed when no request follows within `duration`
};

/// As a count: strikes every time.
inline constexpr int kAlways = -1;

struct Fault {
  FaultKind kind = FaultKind::status;
  Endpoint endpoint = Endpoint::any;
  std::optional<std::string> job_id;  ///< only requests that name this job
  int count = 1;                      ///< strikes so many requests, or kAlways
  int skip = 0;                       ///< after having spared so many
  unsigned status = 500;
  std::string body;
  Duration duration{0};  ///< 0: the kind's default
  int bytes = 1;
  std::vector<std::string> jobs;  ///< of a list: only these records; empty: all
  std::string headers;            ///< more header lines, each with its CRLF
  std::optional<bool> applies;    ///< whether a stop takes effect; absent: as the kind has it
};

std::string_view to_string(FaultKind kind);
std::optional<FaultKind> fault_kind_named(std::string_view name);

/// Whether the kind colours a reply rather than decides it.
bool is_modifier(FaultKind kind);

/// Whether a stop struck by this fault takes effect.
bool takes_effect(const Fault& fault);

/// The faults in force, in the order of adding.
class FaultTable {
 public:
  FaultTable() = default;
  /// Gives the number of the fault: 0 for the first ever added.
  std::size_t add(Fault fault);
  void remove(std::size_t number);
  void clear();
  const Fault& at(std::size_t number) const { return all_[number].fault; }

  /// Those that strike this request, at most one that is not a modifier; counts them down.
  std::vector<std::size_t> strike(Endpoint endpoint, std::string_view job_id);

 private:
  struct Entry {
    Fault fault;
    bool active = true;
  };
  std::vector<Entry> all_;
};

}  // namespace trainstop::sim
