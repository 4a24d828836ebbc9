#include "proof/planted_bugs.hpp"

#include "model/planted.hpp"

namespace trainstop {

namespace {

std::string_view active;

}  // namespace

bool planted(std::string_view name) {
  return name == active;
}

namespace proof {

const std::vector<std::string_view>& planted_bugs() {
  static const std::vector<std::string_view> all{
      "404-once-is-lost",
      "absent-is-no",
      "absurd-price-believed",
      "accepted-is-confirmed",
      "acts-before-durable",
      "all-is-any",
      "allowance-ignored",
      "any-failure-extrapolates",
      "any-is-none",
      "any-phase-stays",
      "any-rule-extrapolates",
      "attributes-forgotten",
      "begin-at-request",
      "breaker-bypassed",
      "breaker-forgets-window",
      "breaker-forgotten",
      "breaker-off",
      "breaker-one-more",
      "confirm-within-ignored",
      "connections-leak",
      "connections-uncounted",
      "deadline-before-birth",
      "deadline-unshifted",
      "degraded-untold",
      "deploying-is-free",
      "earlier-stay-forgotten",
      "early-by-the-read",
      "edge-starts-a-minute",
      "empty-list-is-lost",
      "end-is-not-final",
      "estimate-believed",
      "exclude-ignored",
      "exempt-ignored",
      "extrapolates-at-once",
      "first-notice-off",
      "fixed-prices-ignored",
      "for-ignored",
      "gpus-of-one-node",
      "grace-before-birth",
      "grace-costs-money",
      "grace-ignored",
      "intent-without-image",
      "late-by-a-second",
      "later-clock",
      "limit-exclusive",
      "lost-reply-not-retried",
      "minutes-unrounded",
      "money-from-latest",
      "never-cleared",
      "no-back-off",
      "nodes-forgotten",
      "not-ignored",
      "notice-forgotten",
      "observe-ignored",
      "older-sight-applied",
      "one-minute-too-many",
      "one-write-frees-all",
      "only-the-last-map",
      "price-changes-the-past",
      "promoted-without-notice",
      "ran-before-forgotten",
      "resume-as-approved",
      "retry-after-ignored",
      "sent-again-at-once",
      "sight-forgotten",
      "stale-read-verifies",
      "stop-forgotten",
      "stops-uncounted",
      "threshold-exclusive",
      "timestamps-untranslated",
      "told-forgotten",
      "trips-on-unknown",
      "unknown-fits",
      "unknown-is-a-phase",
      "unknown-is-not-exempt",
      "updated-at-believed",
      "verify-skipped",
      "warnings-forgotten",
      "warns-again",
      "warns-early",
      "window-end-included",
  };
  return all;
}

void plant(std::string_view name) {
  active = name;
}

}  // namespace proof

}  // namespace trainstop
