using System.Buffers;
using System.Data;
using System.Data.Common;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using MySql.Data.MySqlClient;

namespace Laurel.Engine.Sql;

/// <summary>Runs a script as one text of many statements: a trip for each script, begin and commit included.</summary>
internal sealed partial class MySqlSession(MySqlConnection connection, string address) : SqlSession
{
    /// <summary>Bytes of rows in one trip at about the most; servers take 16 MiB by default.</summary>
    private const int TripBytesMax = 4 << 20;

    /// <summary>Rows of one statement at the most, so that no statement alone exceeds a trip.</summary>
    private const int StatementRowsMax = 4_096;

    private static readonly JsonWriterOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly SynchronousConnection _connection = new(connection);
    private readonly string _address = address;
    private readonly ArrayBufferWriter<byte> _rows = new();
    // BEGIN travels with the first statements instead of making a trip of its own.
    private string? _beginPending;

    public override DbConnection Connection => _connection;

    public override void Tell(Reach reach)
    {
        // MySQL knows no tenants.
    }

    public override ValueTask BeginAsync(Reach reach, CancellationToken cancellationToken)
    {
        _beginPending = "START TRANSACTION";
        return ValueTask.CompletedTask;
    }

    public override ValueTask BeginReadAsync(Reach reach, CancellationToken cancellationToken)
    {
        _beginPending = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY";
        return ValueTask.CompletedTask;
    }

    public override ValueTask RunAsync(SqlScript script, CancellationToken cancellationToken)
    {
        var trip = new Trip(this);
        Send(trip, script);
        trip.Go();
        return ValueTask.CompletedTask;
    }

    public override ValueTask CommitAsync(SqlScript script, CancellationToken cancellationToken)
    {
        var trip = new Trip(this);
        Send(trip, script);
        trip.Add("COMMIT");
        trip.Go();
        return ValueTask.CompletedTask;
    }

    public override ValueTask RollbackAsync()
    {
        if (_beginPending is not null)
        {
            _beginPending = null;
            return ValueTask.CompletedTask;
        }

        using var command = new MySqlCommand("ROLLBACK", connection);
        command.ExecuteNonQuery();
        return ValueTask.CompletedTask;
    }

    public override ValueTask DisposeAsync() => _connection.DisposeAsync();

    private void Send(Trip trip, SqlScript script)
    {
        if (_beginPending is not null)
        {
            trip.Add(_beginPending);
            _beginPending = null;
        }

        foreach (var step in script.Steps)
        {
            if (step.Statement.MySql.Length == 0)
            {
                continue;
            }

            var rowsMax = step.Statement.MySqlTakesRows ? StatementRowsMax : 1;
            for (var first = 0; first < step.RowCount; first += rowsMax)
            {
                trip.Add(step, first, Math.Min(rowsMax, step.RowCount - first));
                if (trip.Bytes > TripBytesMax)
                {
                    trip.Go();
                }
            }
        }
    }

    private string RowsOf(SqlStep step, int first, int count)
    {
        _rows.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(_rows, s_json))
        {
            json.WriteStartArray();
            for (var i = first; i < first + count; i++)
            {
                step.Write(json, i);
            }

            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(_rows.WrittenSpan);
    }

    [GeneratedRegex(@"\$\d+", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Parameter();

    /// <summary>Statements on their way to the server, and who reads their results.</summary>
    private sealed class Trip(MySqlSession session)
    {
        private readonly StringBuilder _text = new();
        private readonly List<SqlStep> _results = [];
        private MySqlCommand _command = new();

        public int Bytes { get; private set; }

        public void Add(string statement) => _text.Append(_text.Length == 0 ? "" : ";\n").Append(statement);

        public void Add(SqlStep step, int first, int count)
        {
            var statement = step.Statement;
            Add(statement.MySqlTakesRows ? TextOfRows(step, first, count) : TextOfRow(step, first));
            if (statement.HitsEveryRow)
            {
                // The greatest number there is, and more, when rows were missed: an error, and what follows is not carried out.
                Add(string.Create(CultureInfo.InvariantCulture, $"SET @hit = IF(ROW_COUNT() = {count}, 1, 18446744073709551615 + ABS(ROW_COUNT()) + 1)"));
            }

            if (step.Read is not null)
            {
                _results.Add(step);
            }
        }

        public void Go()
        {
            if (_text.Length == 0)
            {
                return;
            }

            using (_command)
            {
                (_command.Connection, _command.CommandText, _command.CommandType) = (session._connection.Inner, _text.ToString(), CommandType.Text);
                try
                {
                    using var reader = _command.ExecuteReader();
                    ReadOrEnd(reader);
                }
                catch (Exception exception)
                {
                    session._connection.Note(exception);
                    throw;
                }
            }

            _text.Clear();
            _results.Clear();
            (_command, Bytes) = (new MySqlCommand(), 0);
        }

        private void ReadOrEnd(MySqlDataReader reader)
        {
            try
            {
                Read(reader);
            }
            catch (MySqlException exception) when (MySqlDatabase.IsAmongRows(exception))
            {
                // Closing the reader would wait for the rest of the result, which an error has cut off: until the time of the trip is
                // over, or the server ends the connection.
                MySqlDatabase.End(session._connection.Inner, session._address);
                throw;
            }
        }

        private void Read(MySqlDataReader reader)
        {
            var row = new ReaderRow(reader);
            foreach (var step in _results)
            {
                while (reader.Read())
                {
                    step.Read!(row);
                }

                // Statements without a result are passed over by the reader itself; past the last one it throws their errors.
                reader.NextResult();
            }

            while (reader.NextResult())
            {
                // Drains to the end, so that an error of any statement is thrown here and not lost.
            }
        }

        private string TextOfRows(SqlStep step, int first, int count)
        {
            var rows = session.RowsOf(step, first, count);
            var name = NameOf(_command.Parameters.Count);
            _command.Parameters.AddWithValue(name, rows);
            Bytes += rows.Length;
            return step.Statement.MySql.Replace(SetStatement.Rows, $"JSON_TABLE({name}, '$[*]' COLUMNS ({step.Statement.MySqlFields}))", StringComparison.Ordinal);
        }

        private string TextOfRow(SqlStep step, int row)
        {
            var first = _command.Parameters.Count;
            foreach (var value in step.Box(row))
            {
                _command.Parameters.AddWithValue(NameOf(_command.Parameters.Count), value);
            }

            Bytes += step.Statement.MySql.Length;
            return Parameter().Replace(step.Statement.MySql, match => NameOf(first + int.Parse(match.ValueSpan[1..], CultureInfo.InvariantCulture) - 1));
        }

        // With an end of its own, so that no name begins another.
        private static string NameOf(int parameter) => string.Create(CultureInfo.InvariantCulture, $"@p{parameter}_");
    }

    private sealed class ReaderRow(MySqlDataReader reader) : SqlRow
    {
        public override bool IsNull(int column) => reader.IsDBNull(column);

        public override long Int64(int column) => reader.GetInt64(column);

        public override string Text(int column) => reader.GetString(column);

        public override byte[] Bytes(int column) => (byte[])reader.GetValue(column);
    }
}
