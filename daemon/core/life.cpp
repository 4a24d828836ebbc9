#include "core/life.hpp"

#include <algorithm>

#include "model/planted.hpp"

namespace trainstop::core {

namespace {

/// `TRAINING_JOB_RUNNING` -> `RUNNING`, in upper case.
std::string bare_status(std::string_view status) {
  constexpr std::string_view kPrefix = "TRAINING_JOB_";
  std::string bare(status.starts_with(kPrefix) ? status.substr(kPrefix.size()) : status);
  for (char& c : bare) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return bare;
}

bool is_billed(Phase phase, policy::BillingFrom from) {
  switch (from) {
    case policy::BillingFrom::created:
      return true;
    case policy::BillingFrom::deploying:
      return (phase == Phase::deploying && !planted("deploying-is-free")) ||
             phase == Phase::running;
    case policy::BillingFrom::running:
      return phase == Phase::running;
  }
  return false;
}

}  // namespace

bool was_stopped(std::string_view status) {
  return status.ends_with("STOPPED") || status.ends_with("CANCELED") ||
         status.ends_with("CANCELLED");
}

Bounds Life::begin_bounds(const JobSnapshot& snapshot, Sight sight) const {
  const bool first = last_sent_ == kLongAgo;
  Bounds bounds{first ? snapshot.created_at : last_sent_, sight.received};
  if (planted("begin-at-request")) bounds.latest = sight.sent;
  bounds.earliest = std::min(bounds.earliest, bounds.latest);
  const bool after = snapshot.updated_at >= bounds.earliest || planted("updated-at-believed");
  if (after && snapshot.updated_at <= bounds.latest) {
    bounds.latest = snapshot.updated_at;
  }
  return bounds;
}

void Life::enter(Phase phase, const Bounds& bounds, Instant created_at,
                 policy::BillingFrom billing_from) {
  if (phase_ == Phase::running && !planted("earlier-stay-forgotten")) {
    ran_before_ += std::max(bounds.earliest - phase_since_.latest, Duration{0});
  }
  blind_ = phase == Phase::ended && phase_ == Phase::unknown && last_sent_ != kLongAgo;
  phase_ = phase;
  phase_since_ = bounds;
  if (billed_since_ || phase == Phase::ended || !is_billed(phase, billing_from)) return;
  const Instant created = std::min(created_at, bounds.latest);
  billed_since_ = billing_from == policy::BillingFrom::created ? Bounds{created, created} : bounds;
  if (planted("money-from-latest")) billed_since_->earliest = billed_since_->latest;
}

bool Life::observe(const JobSnapshot& snapshot, Sight sight, policy::BillingFrom billing_from) {
  const Bounds bounds = begin_bounds(snapshot, sight);
  const Phase phase = phase_of(snapshot.status);
  std::string status = bare_status(snapshot.status);
  const bool new_status = status != status_;
  const bool known = phase != Phase::unknown || planted("unknown-is-a-phase");
  const bool new_phase = known && phase != phase_;
  if (new_status) {
    status_ = std::move(status);
    status_unknown_ = phase == Phase::unknown;
    status_since_ = bounds;
  }
  if (new_phase) enter(phase, bounds, snapshot.created_at, billing_from);
  last_sent_ = sight.sent;
  return new_status;  // a phase is a matter of the status
}

}  // namespace trainstop::core
