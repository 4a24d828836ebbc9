// One history: the truth, the API, the disk and one life of the daemon after another, on one queue
// of what is to happen. The same plan gives the same history.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "proof/shell.hpp"

namespace trainstop::proof {

struct Options {
  bool as_text = true;  ///< replies are rendered and decoded; otherwise facts are values
  bool dense = false;   ///< the checker looks every second
  std::function<void(const std::string&)> story;
};

struct Outcome {
  std::optional<Violation> violation;
  std::uint64_t digest = 0;  ///< of every batch
  std::uint64_t facts = 0, lives = 0, stops = 0;
  Duration length{0};
};

class World {
 public:
  World(Plan plan, Options options);
  Outcome run();

 private:
  struct Item {
    Instant at;
    std::uint64_t order;
    std::uint64_t life;  ///< 0: of the world; else of that life of the daemon
    std::function<void()> what;
    bool operator<(const Item& other) const {
      return at != other.at ? at > other.at : order > other.order;
    }
  };
  void push(Item item);
  void later(Instant at, std::uint64_t life, std::function<void()> what);
  void plan_all();
  void plan_death(const Death& death);
  void plan_reload(const ReloadPlan& reload);
  void reload(int rules);
  void plan_hand(const HandPlan& hand);
  void order(const HandPlan& hand);
  void plan_rest();
  void live(int rules);
  void die(const Death& death);
  void write_disk();
  void written();
  void pulse();
  void look();
  void sleep(const Span& span);
  Instant wall() const;
  bool step(Instant end);
  void say(const std::string& what) const;

  Plan plan_;
  Options options_;
  TruthOf truth_;
  Api api_;
  Disk disk_;
  Checker checker_;
  std::vector<policy::Config> configs_;
  std::vector<Item> queue_;  ///< a heap
  std::uint64_t orders_ = 0;
  Instant now_ = kStart;
  Instant asleep_until_ = kLongAgo;
  std::uint64_t lives_ = 0;
  std::unique_ptr<Shell> shell_;
  Death armed_;
  std::vector<ReloadPlan> awaited_;  ///< reloads that wait for an event
  std::vector<HandPlan> awaited_hands_;
  int loaded_ = 0;  ///< the rules of the last reload
  std::uint64_t tokens_ = 0;
  std::uint64_t digest_ = 0;
  std::uint64_t facts_ = 0;
  bool fresh_ = true;
};

/// Plans and runs a seed.
Outcome run_seed(std::uint64_t seed, const Mask& mask, const Options& options);

}  // namespace trainstop::proof
