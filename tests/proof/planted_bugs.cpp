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

const std::vector<PlantedBug>& planted_bugs() {
  static const std::vector<PlantedBug> all{
      {"404-once-is-lost", 1},
      {"absent-is-no", 6},
      {"absurd-price-believed", 86},
      {"accepted-is-confirmed", 1},
      {"acts-before-durable", 1},
      {"all-is-any", 1},
      {"allowance-ignored", 2},
      {"any-failure-extrapolates", 14},
      {"any-is-none", 1},
      {"any-phase-stays", 2},
      {"any-rule-extrapolates", 28},
      {"attributes-forgotten", 1},
      {"begin-at-request", 3},
      {"breaker-bypassed", 6},
      {"breaker-forgets-window", 15},
      {"breaker-forgotten", 15},
      {"breaker-off", 15},
      {"breaker-one-more", 15},
      {"confirm-within-ignored", 1},
      {"connections-leak", 1},
      {"connections-uncounted", 15},
      {"deadline-before-birth", 5055},
      {"deadline-unshifted", 22},
      {"degraded-untold", 63},
      {"deploying-is-free", 1},
      {"earlier-stay-forgotten", 3},
      {"early-by-the-read", 3},
      {"edge-starts-a-minute", 10},
      {"empty-list-is-lost", 1},
      {"end-is-not-final", 3},
      {"estimate-believed", 10},
      {"exclude-ignored", 5},
      {"exempt-ignored", 5},
      {"extrapolates-at-once", 10},
      {"first-notice-off", 2},
      {"fixed-prices-ignored", 3},
      {"for-ignored", 6},
      {"freeze-ignored", 10},
      {"gpus-of-one-node", 13},
      {"grace-before-birth", 2},
      {"grace-costs-money", 2},
      {"grace-ignored", 6},
      {"intent-without-image", 298138374435},
      {"jumps-believed", 10},
      {"late-by-a-second", 3},
      {"later-clock", 6},
      {"limit-exclusive", 16},
      {"lost-reply-not-retried", 228},
      {"minutes-unrounded", 1},
      {"money-from-latest", 3},
      {"never-cleared", 7},
      {"no-back-off", 10},
      {"nodes-forgotten", 1},
      {"not-ignored", 10},
      {"notice-forgotten", 104},
      {"observe-ignored", 2},
      {"older-sight-applied", 86},
      {"one-minute-too-many", 2},
      {"one-write-frees-all", 6},
      {"only-the-last-map", 62},
      {"pause-forgotten", 3},
      {"pause-ignored", 6},
      {"price-changes-the-past", 102},
      {"promoted-without-notice", 26},
      {"ran-before-forgotten", 38},
      {"reload-forgets-told", 7},
      {"resume-as-approved", 15},
      {"retry-after-ignored", 146},
      {"sent-again-at-once", 1},
      {"sight-forgotten", 32},
      {"spared-vanishes", 5687},
      {"stale-read-verifies", 8},
      {"stop-forgotten", 10},
      {"stops-uncounted", 15},
      {"surprise-ignored", 6},
      {"threshold-exclusive", 2},
      {"timestamps-untranslated", 52},
      {"told-forgotten", 3},
      {"trips-on-unknown", 2},
      {"unknown-fits", 6},
      {"unknown-is-a-phase", 3},
      {"unknown-is-not-exempt", 26},
      {"unproven-clock-stops", 152},
      {"unsure-intent-untold", 4535},
      {"unsure-stops", 7},
      {"updated-at-believed", 3},
      {"verify-skipped", 1},
      {"warnings-forgotten", 3},
      {"warns-again", 2},
      {"warns-early", 8},
      {"window-end-included", 4},
  };
  return all;
}

void plant(std::string_view name) {
  active = name;
}

}  // namespace proof

}  // namespace trainstop
