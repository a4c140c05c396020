using System.Text;

namespace Laurel.Server.Imports;

/// <summary>Gives a CSV parser the well-formed records of a file and keeps the broken ones from it.</summary>
/// <remarks>A quote that is opened and never closed would make a parser swallow the rest of the file as one field. Here
/// such a line is set apart and reading goes on with the next line. Well-formed is RFC 4180 §2: quotes stand around a
/// whole field or not at all, and are doubled inside. Blank lines are passed over. Not thread-safe.</remarks>
/// <param name="broken">Told each record that is kept back. A parser reads ahead, so this comes early.</param>
internal sealed class CsvRecordReader(TextReader source, Action<BrokenRecord> broken) : TextReader
{
    /// <summary>Lines that one record may span: beyond it a quote counts as never closed.</summary>
    public const int RecordLinesMax = 64;

    /// <summary>Characters of one record at the most; a longer one is broken.</summary>
    public const int RecordCharsMax = 65_536;

    /// <summary>Broken records after which the rest of the file is not read.</summary>
    public int BrokenMax { get; init; } = int.MaxValue;

    private readonly char[] _buffer = new char[32_768];
    private readonly StringBuilder _line = new();
    private readonly Queue<string> _ahead = new();
    private readonly Queue<int> _lines = new();
    private string _record = "";
    private int _given;
    private int _brokenRecords;
    private int _start;
    private int _end;
    private bool _afterReturn;

    private string _text = "";
    private int _linesRead;

    /// <summary>The line of the file on which the next record given to the parser begins; the first line is 1. To be
    /// called once for each record parsed.</summary>
    public int TakeLineNumber() => _lines.Dequeue();

    public override int Read(char[] buffer, int index, int count)
    {
        if (_given == _record.Length && !Next())
        {
            return 0;
        }

        var length = Math.Min(count, _record.Length - _given);
        _record.CopyTo(_given, buffer, index, length);
        _given += length;
        return length;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            source.Dispose();
        }

        base.Dispose(disposing);
    }

    private enum Quotation
    {
        FieldStart,
        Plain,
        Open,
        Closed,
        Broken,
    }

    /// <summary>Goes to the next well-formed record; false at the end of the file.</summary>
    private bool Next()
    {
        while (_brokenRecords < BrokenMax && TakeLine() is { } line)
        {
            var number = _linesRead - _ahead.Count;
            if (line.Length == 0)
            {
                continue;
            }

            if (line.Length > RecordCharsMax)
            {
                Tell(new BrokenRecord(number, IsTooLong: true, line));
                continue;
            }

            _text = line;
            var state = Scan(line, Quotation.FieldStart);
            if (state == Quotation.Open)
            {
                state = Extend();
            }

            if (state == Quotation.Broken)
            {
                Tell(new BrokenRecord(number, IsTooLong: false, line));
                continue;
            }

            (_record, _given) = (_text + "\n", 0);
            _lines.Enqueue(number);
            return true;
        }

        return false;
    }

    private void Tell(BrokenRecord record)
    {
        _brokenRecords++;
        broken(record);
    }

    /// <summary>Follows a quoted field over the next lines. When it does not close, those lines are read again as their own.</summary>
    private Quotation Extend()
    {
        var lines = new List<string>();
        var length = _text.Length;
        var state = Quotation.Open;
        while (state == Quotation.Open && lines.Count < RecordLinesMax - 1 && TakeLine() is { } line)
        {
            lines.Add(line);
            length += line.Length + 1;
            state = length > RecordCharsMax ? Quotation.Broken : Scan(line, Quotation.Open);
        }

        if (state is Quotation.Open or Quotation.Broken)
        {
            GiveBack(lines);
            return Quotation.Broken;
        }

        _text = _text + "\n" + string.Join('\n', lines);
        return state;
    }

    private void GiveBack(List<string> lines)
    {
        var later = _ahead.ToArray();
        _ahead.Clear();
        foreach (var line in lines.Concat(later))
        {
            _ahead.Enqueue(line);
        }
    }

    private static Quotation Scan(string line, Quotation state)
    {
        if (state == Quotation.FieldStart && !line.Contains('"'))
        {
            return Quotation.Plain;
        }

        foreach (var c in line)
        {
            state = (state, c) switch
            {
                (Quotation.FieldStart, '"') => Quotation.Open,
                (Quotation.FieldStart or Quotation.Plain or Quotation.Closed, ',') => Quotation.FieldStart,
                (Quotation.FieldStart, _) => Quotation.Plain,
                (Quotation.Plain, '"') => Quotation.Broken,
                (Quotation.Plain, _) => Quotation.Plain,
                // A quote inside is the end, or the first of two.
                (Quotation.Open, '"') => Quotation.Closed,
                (Quotation.Open, _) => Quotation.Open,
                (Quotation.Closed, '"') => Quotation.Open,
                (Quotation.Closed or Quotation.Broken, _) => Quotation.Broken,
            };
        }

        return state;
    }

    private string? TakeLine()
    {
        if (_ahead.TryDequeue(out var line))
        {
            return line;
        }

        line = ReadSourceLine();
        _linesRead += line is null ? 0 : 1;
        return line;
    }

    /// <summary>A line without its end (LF, CRLF or CR). Of one that is too long only the beginning is kept.</summary>
    private string? ReadSourceLine()
    {
        _line.Clear();
        var any = false;
        while (_start < _end || Fill())
        {
            if (_afterReturn && _buffer[_start] == '\n')
            {
                _start++;
                _afterReturn = false;
                continue;
            }

            (_afterReturn, any) = (false, true);
            var rest = _buffer.AsSpan(_start, _end - _start);
            var length = rest.IndexOfAny('\r', '\n');
            Keep(length < 0 ? rest : rest[..length]);
            if (length >= 0)
            {
                _afterReturn = rest[length] == '\r';
                _start += length + 1;
                return _line.ToString();
            }

            _start = _end;
        }

        return any ? _line.ToString() : null;
    }

    private void Keep(ReadOnlySpan<char> text)
    {
        var room = RecordCharsMax + 1 - _line.Length;
        _line.Append(text.Length <= room ? text : text[..room]);
    }

    private bool Fill()
    {
        (_start, _end) = (0, source.Read(_buffer, 0, _buffer.Length));
        return _end > 0;
    }
}

/// <summary>A record that no parser is given.</summary>
/// <param name="Line">The line of the file; the first is 1.</param>
/// <param name="IsTooLong">Too long; otherwise its quotes are broken.</param>
/// <param name="Text">The line, or its beginning.</param>
internal readonly record struct BrokenRecord(int Line, bool IsTooLong, string Text);
