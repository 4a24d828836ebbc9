#include "demo/scenario.hpp"

namespace trainstop::demo {

using namespace std::chrono_literals;

const std::vector<Role>& cast() {
  // The limits are those of demo.yaml. The costly job has run for 40 s when the daemon starts: its
  // second minute, the last one under $3.50 (2 nodes at $0.86667 a minute), ends at 80 s, and a
  // stop may take 60 s to land, so it is due when the first ends, 20 s from now.
  static const std::vector<Role> kCast{
      {.id = "j1pilot",
       .name = "pilot-policy",
       .fate = Fate::observed,
       .rule = "pilot-limit",
       .cost_limit = {},
       .life = {{0s, sim::kDeploying}, {1s, sim::kRunning}},
       .outlives = 10s},
      {.id = "j2quick",
       .name = "quick-eval",
       .fate = Fate::ended_itself,
       .rule = {},
       .cost_limit = {},
       .life = {{0s, sim::kRunning}, {14s, sim::kCompleted}}},
      {.id = "j3stuck",
       .name = "download-forever",
       .fate = Fate::stopped,
       .rule = "stuck",
       .cost_limit = {},
       .life = {{0s, sim::kCreated}, {2s, sim::kDeploying}}},
      {.id = "j4cost",
       .name = "grpo-two-nodes",
       .fate = Fate::stopped,
       .rule = "job-cap",
       .cost_limit = Money::from_nano(3'500'000'000),
       .life = {{-40s, sim::kRunning}},
       .nodes = 2,
       .instance_type = "H100:8x80"},
      // Both together spend $4 with their third minutes, the first of which begins at 77 s.
      {.id = "j7sweep",
       .name = "sweep-lr-1e-5",
       .fate = Fate::stopped,
       .rule = sweep().rule,
       .cost_limit = {},
       .life = {{-43s, sim::kRunning}},
       .instance_type = "H100:8x80"},
      {.id = "j8sweep",
       .name = "sweep-lr-3e-5",
       .fate = Fate::stopped,
       .rule = sweep().rule,
       .cost_limit = {},
       .life = {{-42s, sim::kRunning}},
       .instance_type = "H100:8x80"},
      {.id = "j5long",
       .name = "llama-sft",
       .fate = Fate::stopped,
       .rule = "too-long",
       .cost_limit = {},
       .life = {{0s, sim::kDeploying}, {3s, sim::kRunning}}},
      {.id = "j6prod",
       .name = "prod-distill",
       .fate = Fate::exempt,
       .rule = "too-long",
       .cost_limit = {},
       .life = {{0s, sim::kRunning}},
       .outlives = 26s},
  };
  return kCast;
}

const SharedLimit& sweep() {
  static const SharedLimit kSweep{"sweep", Money::from_dollars(4)};
  return kSweep;
}

sim::Settings settings(const std::string& key) {
  sim::Settings settings;
  settings.key = key;
  settings.projects = {{"proj1", "demo", "research"}};
  sim::InstanceType one;
  one.id = one.name = "H100:1x80";
  one.gpu_count = 1;
  one.price = "0.10833";
  settings.instance_types = {sim::InstanceType{}, one};
  settings.stop_latency = 1500ms;
  return settings;
}

sim::JobScript script(const Role& role) {
  sim::JobScript script;
  script.id = role.id;
  script.name = role.name;
  script.life = role.life;
  script.instance_type = role.instance_type;
  script.node_count = role.nodes;
  script.user = "ana@corp.example";
  return script;
}

}  // namespace trainstop::demo
