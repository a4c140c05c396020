using System.Text;
using CsvHelper;
using CsvField = Laurel.Membership.Exports.CsvField;

namespace Laurel.Server.Imports;

/// <summary>The file that says which rows were rejected and why. It is made with the first error; a report that an
/// earlier run left there is removed at once.</summary>
/// <remarks>UTF-8 with a byte order mark, by which spreadsheets know it. Values are made harmless: what a spreadsheet
/// would take for a formula is quoted, control characters are shown as pictures, long values are cut.</remarks>
internal sealed class ErrorReport : IAsyncDisposable
{
    /// <summary>Characters of a raw value that are shown.</summary>
    public const int ValueLengthMax = 200;

    private readonly string _file;
    private CsvWriter? _writer;
    private int _lastLine;

    public ErrorReport(string file)
    {
        _file = file;
        File.Delete(file);
    }

    /// <summary>Rows with at least one error. All errors of one row are written next to each other.</summary>
    public long RowsRejected { get; private set; }

    public void Write(RowError error)
    {
        _writer ??= Open();
        RowsRejected += error.Line == _lastLine ? 0 : 1;
        _lastLine = error.Line;
        _writer.WriteField(error.Line);
        _writer.WriteField(Harmless(error.Column));
        _writer.WriteField(error.Code);
        _writer.WriteField(error.Message);
        _writer.WriteField(Harmless(error.Value));
        _writer.EndRecord();
    }

    public async ValueTask DisposeAsync()
    {
        if (_writer is not null)
        {
            await _writer.DisposeAsync();
        }
    }

    /// <summary>The value as text that no spreadsheet executes (OWASP, "CSV Injection").</summary>
    internal static string Harmless(string value)
    {
        var cut = CsvField.Harmless(value[..Math.Min(value.Length, ValueLengthMax)]);
        var shown = new StringBuilder(cut.Length + 1);
        foreach (var c in cut)
        {
            shown.Append(c switch
            {
                // Unicode has a picture for each control character, in the same order.
                < ' ' => (char)('\u2400' + c),
                '\u007F' => '\u2421',
                _ when char.IsControl(c) => '\uFFFD',
                _ => c,
            });
        }

        return value.Length > ValueLengthMax ? shown.Append('…').ToString() : shown.ToString();
    }

    private CsvWriter Open()
    {
        var writer = CsvWriter.ToFile(_file, CsvWriterOptions.Default with { WriteByteOrderMark = true }, FileOptions.None);
        writer.WriteRecord("row", "column", "code", "message", "value");
        return writer;
    }
}
