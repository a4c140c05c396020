using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Laurel.Membership.Benefits;
using Laurel.Membership.Programmes;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;

namespace Laurel.Server.Programmes;

/// <summary>A programme in a file, as YAML or JSON.</summary>
internal static class DraftFile
{
    private const long BytesMax = 2 * 1024 * 1024;

    /// <summary>Reads a draft. What is absent is as by default.</summary>
    /// <param name="kinds">The kinds of benefits there are.</param>
    /// <returns>The programme, or every mistake in a sentence each.</returns>
    public static async Task<(Programme? Draft, IReadOnlyList<string> Mistakes)> ReadAsync(string path, BenefitKinds kinds, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            return (null, [$"There is no file {path}."]);
        }

        if (new FileInfo(path).Length > BytesMax)
        {
            return (null, [$"A programme has at most {BytesMax} bytes."]);
        }

        try
        {
            var text = await File.ReadAllTextAsync(path, cancellationToken);
            var isJson = Path.GetExtension(path).Equals(".json", StringComparison.OrdinalIgnoreCase);
            var document = isJson ? JsonNode.Parse(text) : ProgrammeYaml.Read(text);
            var (draft, fault) = JsonDocumentBody.Read(Encoding.UTF8.GetBytes(document?.ToJsonString() ?? "null"), ProgrammeDocument.Sent);
            if (draft is null)
            {
                return (null, [Sentence(fault!)]);
            }

            return draft.AllMistakes(kinds) is { Count: > 0 } mistakes ? (null, [.. mistakes.Select(Sentence)]) : (draft, []);
        }
        catch (Exception exception) when (exception is FormatException or JsonException or IOException or UnauthorizedAccessException)
        {
            return (null, [exception.Message]);
        }
    }

    /// <summary>A programme as people keep it in a file. The version is the store's to say.</summary>
    public static string Write(Programme programme)
    {
        var document = (JsonObject)JsonNode.Parse(ProgrammeDocument.Write(programme))!;
        document.Remove("version");
        return ProgrammeYaml.Write(document);
    }

    private static string Sentence(FieldError mistake) =>
        mistake.Location.Length == 0 ? mistake.Detail(Language.English) : $"{mistake.Location[1..]}: {mistake.Detail(Language.English)}";
}
