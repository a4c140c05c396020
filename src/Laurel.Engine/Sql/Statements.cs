namespace Laurel.Engine.Sql;

/// <summary>The plain shapes of a <see cref="SetStatement{TRow}"/>, written for all three dialects from the names of a table and of its
/// columns. What is not plain is written out beside its caller.</summary>
public static class Statements
{
    /// <summary>Inserts the rows.</summary>
    public static SetStatement<TRow> Insert<TRow>(string table, params Column<TRow>[] columns) =>
        InsertOr(table, "", "", "", columns);

    /// <summary>Inserts the rows that are not there yet and leaves the others as they are.</summary>
    public static SetStatement<TRow> InsertMissing<TRow>(string table, params Column<TRow>[] columns) =>
        InsertOr(table, " ON CONFLICT DO NOTHING", " ON CONFLICT DO NOTHING", $" ON DUPLICATE KEY UPDATE {columns[0].Name} = {table}.{columns[0].Name}", columns);

    /// <summary>Inserts the rows, or writes all but their keys over those that are there.</summary>
    /// <param name="keys">How many of the columns, from the first, are the primary key.</param>
    public static SetStatement<TRow> Write<TRow>(string table, int keys, params Column<TRow>[] columns)
    {
        // SQLite keeps some tables under a shorter key and needs not be told which.
        var update = $"DO UPDATE SET {Join(columns[keys..], c => $"{c.Name} = excluded.{c.Name}")}";
        var conflict = $" ON CONFLICT ({Join(columns[..keys], c => c.Name)}) {update}";
        return InsertOr(table, $" ON CONFLICT {update}", conflict, $" ON DUPLICATE KEY UPDATE {Join(columns[keys..], c => $"{c.Name} = {c.MySqlValue}")}", columns);
    }

    /// <summary>Updates exactly one stored row for each of the rows.</summary>
    /// <param name="keys">How many of the columns, from the first, find the stored row.</param>
    public static SetStatement<TRow> Update<TRow>(string table, int keys, params Column<TRow>[] columns) => new(
        $"UPDATE {table} SET {Join(columns[keys..], (c, i) => $"{c.Name} = ${keys + i + 1}")} WHERE {Join(columns[..keys], (c, i) => $"{c.Name} = ${i + 1}", " AND ")}",
        $"""
        WITH hit AS (
            UPDATE {table} t SET {Join(columns[keys..], c => $"{c.Name} = k.{c.Name}")}
            FROM unnest({Parameters(columns)}) k ({Join(columns, c => c.Name)})
            WHERE {Join(columns[..keys], c => $"t.{c.Name} = k.{c.Name}", " AND ")}
            RETURNING 1)
        SELECT laurel_require(count(*), cardinality($1)) FROM hit
        """,
        $"""
        UPDATE {SetStatement.Rows} k STRAIGHT_JOIN {table} t ON {Join(columns[..keys], c => $"t.{c.Name} = {c.MySqlValue}", " AND ")}
        SET {Join(columns[keys..], c => $"t.{c.Name} = {c.MySqlValue}")}
        """,
        columns)
    {
        HitsEveryRow = true,
    };

    /// <summary>Deletes the stored rows of which the keys are given.</summary>
    public static SetStatement<TRow> Delete<TRow>(string table, params Column<TRow>[] keys) => new(
        $"DELETE FROM {table} WHERE {Join(keys, (c, i) => $"{c.Name} = ${i + 1}", " AND ")}",
        $"DELETE FROM {table} t USING unnest({Parameters(keys)}) k ({Join(keys, c => c.Name)}) WHERE {Join(keys, c => $"t.{c.Name} = k.{c.Name}", " AND ")}",
        $"DELETE t FROM {SetStatement.Rows} k STRAIGHT_JOIN {table} t ON {Join(keys, c => $"t.{c.Name} = {c.MySqlValue}", " AND ")}",
        keys);

    /// <summary>Reads the stored rows of which the keys are given.</summary>
    /// <param name="select">The expressions to read, their columns qualified by the alias.</param>
    /// <param name="from">The table and its alias, <c>lots l</c>.</param>
    /// <param name="joins">What is joined to it, or nothing.</param>
    public static SetStatement<TRow> Find<TRow>(string select, string from, string joins, params Column<TRow>[] keys)
    {
        var alias = from.Split(' ')[^1];
        var on = Join(keys, c => $"{alias}.{c.Name} = k.{c.Name}", " AND ");
        return new SetStatement<TRow>(
            $"SELECT {select} FROM {from} {joins} WHERE {Join(keys, (c, i) => $"{alias}.{c.Name} = ${i + 1}", " AND ")}",
            $"SELECT {select} FROM unnest({Parameters(keys)}) k ({Join(keys, c => c.Name)}) JOIN {from} ON {on} {joins}",
            $"SELECT {select} FROM {SetStatement.Rows} k STRAIGHT_JOIN {from} ON {Join(keys, c => $"{alias}.{c.Name} = {c.MySqlValue}", " AND ")} {joins}",
            keys);
    }

    /// <summary>Reads and locks the stored rows of which the keys are given, in the order of the rows. SQLite has one writer and
    /// needs no lock.</summary>
    /// <inheritdoc cref="Find"/>
    public static SetStatement<TRow> Lock<TRow>(string select, string from, params Column<TRow>[] keys)
    {
        var alias = from.Split(' ')[^1];
        var find = Find(select, from, "", keys);
        return new SetStatement<TRow>(
            find.Sqlite,
            $"""
            SELECT {select} FROM unnest({Parameters(keys)}) WITH ORDINALITY k ({Join(keys, c => c.Name)}, position)
            JOIN {from} ON {Join(keys, c => $"{alias}.{c.Name} = k.{c.Name}", " AND ")}
            ORDER BY k.position FOR UPDATE OF {alias}
            """,
            // The driver cannot go on after an error among the rows of a result, and waiting for a lock may end in one. So the
            // rows are locked by a statement without a result, and read by the next. MySQL would lock the given rows too, were they no
            // table of their own.
            $"""
            SELECT COUNT(*) INTO @locked FROM (SELECT * FROM {SetStatement.Rows} k) k STRAIGHT_JOIN {from} ON {Join(keys, c => $"{alias}.{c.Name} = {c.MySqlValue}", " AND ")} FOR UPDATE;
            {find.MySql}
            """,
            keys);
    }

    private static SetStatement<TRow> InsertOr<TRow>(string table, string sqlite, string postgres, string mySql, Column<TRow>[] columns)
    {
        var names = Join(columns, c => c.Name);
        return new SetStatement<TRow>(
            $"INSERT INTO {table} ({names}) VALUES ({Parameters(columns)}){sqlite}",
            $"INSERT INTO {table} ({names}) SELECT * FROM unnest({Parameters(columns)}){postgres}",
            $"INSERT INTO {table} ({names}) SELECT {Join(columns, c => c.MySqlValue)} FROM {SetStatement.Rows} k{mySql}",
            columns);
    }

    private static string Parameters<TRow>(Column<TRow>[] columns) => Join(columns, (_, i) => $"${i + 1}");

    private static string Join<TRow>(Column<TRow>[] columns, Func<Column<TRow>, string> text, string between = ", ") =>
        string.Join(between, columns.Select(text));

    private static string Join<TRow>(Column<TRow>[] columns, Func<Column<TRow>, int, string> text, string between = ", ") =>
        string.Join(between, columns.Select(text));
}
