// Events as the core tells them, in a line each.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "model/event.hpp"

namespace trainstop::notify {

using namespace std::chrono_literals;

/// 2026-11-24T05:20:00Z.
inline constexpr Instant kThen{std::chrono::seconds(1795497600)};

inline Event event(std::string name, Level level = Level::info) {
  Event event;
  event.name = std::move(name);
  event.level = level;
  event.at = kThen;
  event.message = "something happened";
  return event;
}

/// About a job, with its subject.
inline Event job_event(std::string name, const std::string& job = "p7qr9qv",
                       const std::string& project = "llm-team") {
  Event told = event(std::move(name), Level::warning);
  told.with("account", "research").with("project", project).with("project_id", "pr1");
  told.with("job", job).with("job_name", "llama-sft").with("user", "Ana@corp.example");
  told.with("phase", "running");
  auto snapshot = std::make_shared<JobSnapshot>();
  snapshot->id = job;
  snapshot->name = "llama-sft";
  snapshot->project_id = "pr1";
  snapshot->project_name = project;
  snapshot->gpu_type = "H100";
  auto subject = std::make_shared<Subject>();
  subject->account = "research";
  subject->team = "ml";
  subject->phase = Phase::running;
  subject->job = std::move(snapshot);
  told.subject = std::move(subject);
  return told;
}

/// Of a rule, in a mode.
inline Event rule_event(std::string name, const std::string& mode = "enforce") {
  Event told = job_event(std::move(name));
  told.with("rule", "two-days").with("mode", mode).with("action", "stop");
  return told;
}

}  // namespace trainstop::notify
