// The endpoints: gives the plan of a reply for each request, from the state and the faults in
// force. No I/O; the time comes with the request.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/fault.hpp"
#include "sim/reply.hpp"
#include "sim/types.hpp"
#include "sim/world.hpp"

namespace trainstop::sim {

/// What a target asks for.
struct Route {
  Route() = default;
  Endpoint endpoint = Endpoint::other;
  std::string project_id, job_id;
};
Route route_of(std::string_view method, std::string_view target);

class Api {
 public:
  explicit Api(Settings settings) : world(std::move(settings)) {}

  /// Answers a request at `now`, which is not before its first byte, and writes it into the truth.
  Plan answer(const Received& request, Moment now);
  std::size_t add_fault(Fault fault);

  World world;
  FaultTable faults;

 private:
  struct Call;

  Draft answer_known(Call& call, const std::vector<std::size_t>& struck, Moment now, Plan& plan);
  void log(Call& call, bool key_accepted, unsigned status);
  Draft answer_call(Call& call, Moment now);
  Draft search(Call& call);
  Draft list_of_project(Call& call);
  Draft read(Call& call);
  Draft stop(Call& call, Moment now);
  Draft prices(const Call& call);
  Draft projects(const Call& call);
  Draft me() const;
  Draft usage(Call& call, Moment now) const;
  Draft error(unsigned status, std::string_view code, std::string_view message) const;
  Draft unknown_job(const Call& call) const;
  std::string list_body(const Call& call, const std::vector<JobState*>& jobs);
  bool over_rate_limit(Endpoint endpoint, Moment now);

  Draft deciding_fault(Call& call, const Fault& fault, Draft draft, Plan& plan) const;
  void set_manner(const Fault& fault, Plan& plan) const;
  void set_block(const Fault& fault, const std::string& body, Plan& plan) const;
  void colour(const Fault& fault, Call& call, Draft& draft, Plan& plan) const;
  std::string head(const Draft& draft, const Call& call, bool close, Moment now) const;

  std::map<std::size_t, std::map<std::string, std::string>> stale_;   ///< fault, job: record
  std::map<std::string, std::shared_ptr<const std::string>> cached_;  ///< by what was asked
  std::uint64_t cached_version_ = 0;
  std::int64_t rate_second_ = 0;
  std::array<int, kEndpoints> rate_count_{};
};

}  // namespace trainstop::sim
