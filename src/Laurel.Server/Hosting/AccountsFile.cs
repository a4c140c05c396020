using Laurel.Membership.Finance;

namespace Laurel.Server.Hosting;

/// <summary>Reads the file that maps the postings to accounts.</summary>
internal static class AccountsFile
{
    /// <returns>The accounts, or what is wrong with the file.</returns>
    public static (FinanceAccounts? Accounts, IReadOnlyList<string> Mistakes) Read(string file)
    {
        try
        {
            return FinanceAccounts.Read(File.ReadAllText(file));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return (null, [$"the file cannot be read: {exception.Message}"]);
        }
    }
}
