using System.Text;
using CsvHelper;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;

namespace Laurel.Server.Imports;

/// <summary>A CSV file that is read row by row: each good row to whoever knows its columns, each broken one into the report.</summary>
internal abstract class ImportFile : IDisposable
{
    /// <summary>What a decoder puts in place of bytes that are none of its encoding.</summary>
    private const char Undecodable = '\uFFFD';

    private static readonly CsvReaderOptions s_options = new() { Separator = ',', HasHeader = false };

    private readonly FileStream _stream;
    private readonly CsvRecordReader _records;
    private readonly CsvReader _rows;
    private readonly IReadOnlyList<string> _columns;

    // The parser reads ahead, so broken records show before the rows in front of them are read.
    private readonly Queue<BrokenRecord> _broken = new();
    private ColumnPositions _positions = null!;

    /// <param name="columns">The columns that are read, by their names in the header.</param>
    protected ImportFile(FileStream stream, Encoding encoding, IReadOnlyList<string> columns)
    {
        (_stream, _columns) = (stream, columns);
        _records = new CsvRecordReader(new StreamReader(stream, encoding, detectEncodingFromByteOrderMarks: true), _broken.Enqueue);
        _rows = CsvReader.Create(_records, s_options, leaveOpen: false);
    }

    public long BytesTotal => _stream.Length;

    /// <summary>Rows that were read so far, its header not counted.</summary>
    protected long Rows { get; private set; }

    /// <summary>The line on which the present row begins.</summary>
    protected int Line { get; private set; }

    public void Dispose()
    {
        _rows.Dispose();
        _stream.Dispose();
    }

    /// <summary>Opens a file and finds its columns.</summary>
    /// <returns>The file, or the sentence that says why it cannot be used.</returns>
    protected static (T? File, string? Mistake) Open<T>(string path, Func<FileStream, T> read)
        where T : ImportFile
    {
        if (!File.Exists(path))
        {
            return (null, $"There is no file {path}.");
        }

        var file = read(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16));
        if (file.ReadHeader() is { } mistake)
        {
            file.Dispose();
            return (null, mistake);
        }

        return (file, null);
    }

    /// <summary>Reads all rows.</summary>
    /// <param name="progress">Told the bytes read so far.</param>
    protected void ReadRows(ErrorReport report, IProgress<long> progress, CancellationToken cancellationToken)
    {
        while (_rows.Read())
        {
            Rows++;
            Line = _records.TakeLineNumber();
            ReportBroken(report);
            if (Rows % 4_096 == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                progress.Report(_stream.Position);
            }

            if (_rows.FieldCount == _positions.Count)
            {
                ReadRow(report);
            }
            else
            {
                report.Write(WrongFieldCount());
            }
        }

        ReportBroken(report);
        progress.Report(_stream.Length);
    }

    /// <summary>Reads one row, of as many fields as the header has.</summary>
    protected abstract void ReadRow(ErrorReport report);

    /// <summary>What stands in a column of the present row.</summary>
    /// <param name="column">Its place among the columns that are read.</param>
    protected string TextOf(int column) => _rows.GetString(_positions.Places[column]);

    /// <summary>Whether a field was understood; the report says why not.</summary>
    /// <param name="column">Its place among the columns that are read.</param>
    protected bool Accept<T>(ErrorReport report, int column, FieldRead<T> read)
    {
        if (read.Code is not null)
        {
            report.Write(new RowError(Line, _columns[column], read.Code, read.Message!, TextOf(column)));
        }

        return read.Code is null;
    }

    protected static FieldRead<string> ReadId(string text, int lengthMax)
    {
        if (!Decoded(text))
        {
            return NotDecoded<string>();
        }

        if (text.Length == 0)
        {
            return FieldRead<string>.Failed(FieldErrorCode.Required, "An id is required.");
        }

        return FieldText.IdentifierFault(ref text, lengthMax) switch
        {
            null => FieldRead<string>.Of(text),
            FieldErrorCode.TooShort => FieldRead<string>.Failed(FieldErrorCode.Required, "An id is not blank."),
            FieldErrorCode.TooLong => FieldRead<string>.Failed(FieldErrorCode.TooLong, $"An id has at most {lengthMax} characters."),
            var code => FieldRead<string>.Failed(code, "An id holds no control characters, and no space at its ends."),
        };
    }

    protected static bool Decoded(string text) => !text.Contains(Undecodable);

    protected static FieldRead<T> NotDecoded<T>() =>
        FieldRead<T>.Failed(RowErrorCode.EncodingInvalid, "The bytes are none of the encoding. Perhaps the file has another: see --encoding.");

    private string? ReadHeader()
    {
        var line = _rows.Read() ? _records.TakeLineNumber() : int.MaxValue;
        if (_broken.TryPeek(out var broken) && broken.Line < line)
        {
            return "The first line of the file is not a CSV header.";
        }

        if (line == int.MaxValue)
        {
            return "The file is empty: its first line must name the columns.";
        }

        var header = new string[_rows.FieldCount];
        for (var i = 0; i < header.Length; i++)
        {
            header[i] = _rows.GetString(i).Trim().TrimStart('\uFEFF');
        }

        if (Array.Exists(header, name => name.Contains('\0') || !Decoded(name)))
        {
            return "The header of the file cannot be decoded. Name its encoding with --encoding (utf-8 or gb18030).";
        }

        if (!ColumnPositions.TryFind(_columns, header, out var positions, out var mistake))
        {
            return mistake;
        }

        _positions = positions;
        return null;
    }

    private void ReportBroken(ErrorReport report)
    {
        while (_broken.TryDequeue(out var broken))
        {
            Rows++;
            report.Write(broken.IsTooLong
                ? new RowError(broken.Line, "", RowErrorCode.RowTooLong, $"A row has at most {CsvRecordReader.RecordCharsMax} characters.", broken.Text)
                : new RowError(broken.Line, "", RowErrorCode.QuotesBroken, "A quote is not closed, or stands inside a field that is not quoted.", broken.Text));
        }
    }

    private RowError WrongFieldCount()
    {
        var code = _rows.FieldCount < _positions.Count ? RowErrorCode.FieldsTooFew : RowErrorCode.FieldsTooMany;
        var message = $"The row has {_rows.FieldCount} fields, the header {_positions.Count}.";
        return new RowError(Line, "", code, message, Encoding.UTF8.GetString(_rows.RawRecord));
    }
}
