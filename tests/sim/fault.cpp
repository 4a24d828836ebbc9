#include "sim/fault.hpp"

#include <array>
#include <stdexcept>
#include <utility>

namespace trainstop::sim {
namespace {

constexpr std::array<std::pair<FaultKind, std::string_view>, 46> kNames{{
    {FaultKind::status, "status"},
    {FaultKind::reset_before, "reset_before"},
    {FaultKind::reset_after, "reset_after"},
    {FaultKind::hang, "hang"},
    {FaultKind::hang_midway, "hang_midway"},
    {FaultKind::drip, "drip"},
    {FaultKind::truncate, "truncate"},
    {FaultKind::truncate_unsized, "truncate_unsized"},
    {FaultKind::truncate_rude, "truncate_rude"},
    {FaultKind::garbage, "garbage"},
    {FaultKind::garbage_body, "garbage_body"},
    {FaultKind::empty_body, "empty_body"},
    {FaultKind::oversize, "oversize"},
    {FaultKind::endless_list, "endless_list"},
    {FaultKind::endless_header, "endless_header"},
    {FaultKind::redirect, "redirect"},
    {FaultKind::not_found, "not_found"},
    {FaultKind::empty_list, "empty_list"},
    {FaultKind::partial_list, "partial_list"},
    {FaultKind::hidden_jobs, "hidden_jobs"},
    {FaultKind::stale_list, "stale_list"},
    {FaultKind::duplicate_records, "duplicate_records"},
    {FaultKind::malformed_records, "malformed_records"},
    {FaultKind::duplicate_keys, "duplicate_keys"},
    {FaultKind::huge_numbers, "huge_numbers"},
    {FaultKind::bad_utf8, "bad_utf8"},
    {FaultKind::bom, "bom"},
    {FaultKind::trailing_data, "trailing_data"},
    {FaultKind::deep_nesting, "deep_nesting"},
    {FaultKind::other_job, "other_job"},
    {FaultKind::rate_limited_body, "rate_limited_body"},
    {FaultKind::rate_limited_header, "rate_limited_header"},
    {FaultKind::ignored_stop, "ignored_stop"},
    {FaultKind::prices_zero, "prices_zero"},
    {FaultKind::prices_negative, "prices_negative"},
    {FaultKind::prices_thousandfold, "prices_thousandfold"},
    {FaultKind::prices_untyped, "prices_untyped"},
    {FaultKind::prices_missing, "prices_missing"},
    {FaultKind::delay, "delay"},
    {FaultKind::date_offset, "date_offset"},
    {FaultKind::no_date, "no_date"},
    {FaultKind::age, "age"},
    {FaultKind::continue_first, "continue_first"},
    {FaultKind::close_announced, "close_announced"},
    {FaultKind::close_silent, "close_silent"},
    {FaultKind::close_after_idle, "close_after_idle"},
}};

}  // namespace

std::string_view to_string(FaultKind kind) {
  for (const auto& [its_kind, name] : kNames) {
    if (its_kind == kind) return name;
  }
  throw std::logic_error("a fault without a name");
}

std::optional<FaultKind> fault_kind_named(std::string_view name) {
  for (const auto& [kind, its_name] : kNames) {
    if (its_name == name) return kind;
  }
  return std::nullopt;
}

bool is_modifier(FaultKind kind) {
  return kind >= FaultKind::delay;
}

bool takes_effect(const Fault& fault) {
  if (fault.applies) return *fault.applies;
  switch (fault.kind) {
    case FaultKind::status:
    case FaultKind::reset_before:
    case FaultKind::hang:
    case FaultKind::garbage:
    case FaultKind::garbage_body:
    case FaultKind::empty_body:
    case FaultKind::redirect:
    case FaultKind::not_found:
    case FaultKind::rate_limited_body:
    case FaultKind::rate_limited_header:
    case FaultKind::ignored_stop:
      return false;
    default:
      return true;
  }
}

std::size_t FaultTable::add(Fault fault) {
  all_.push_back({std::move(fault)});
  return all_.size() - 1;
}

void FaultTable::remove(std::size_t number) {
  all_.at(number).active = false;
}

void FaultTable::clear() {
  for (auto& entry : all_) entry.active = false;
}

std::vector<std::size_t> FaultTable::strike(Endpoint endpoint, std::string_view job_id) {
  std::vector<std::size_t> struck;
  bool decided = false;
  for (std::size_t number = 0; number < all_.size(); ++number) {
    auto& [fault, active] = all_[number];
    if (!active || fault.count == 0) continue;
    if (fault.endpoint != Endpoint::any && fault.endpoint != endpoint) continue;
    if (fault.job_id && *fault.job_id != job_id) continue;
    if (!is_modifier(fault.kind) && decided) continue;
    if (fault.skip > 0) {
      --fault.skip;
      continue;
    }
    decided = decided || !is_modifier(fault.kind);
    if (fault.count > 0) --fault.count;
    struck.push_back(number);
  }
  return struck;
}

}  // namespace trainstop::sim
