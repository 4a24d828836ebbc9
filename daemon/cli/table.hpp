// Rows and columns that fit a screen: names are cut, never wrapped, and where that is not enough
// the least needed columns are left out.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cli/screen.hpp"

namespace trainstop::cli {

struct Column {
  std::string title;
  bool right = false;     ///< numbers
  std::size_t least = 0;  ///< may be cut down to so many columns; 0: is shown whole
  int drop = 0;           ///< the highest is left out first; 0: never
};

struct Cell {
  Cell(std::string shown, Ink in = Ink::none) : text(std::move(shown)), ink(in) {}
  Cell(const char* shown) : text(shown) {}
  std::string text;
  Ink ink = Ink::none;
};

class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  /// As many cells as columns.
  void add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }
  bool empty() const { return rows_.empty(); }
  /// The title and all rows, each a line. A column without any text is left out.
  std::string render(const Screen& screen) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace trainstop::cli
