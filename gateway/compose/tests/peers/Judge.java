import java.io.File;
import org.apache.pdfbox.preflight.PreflightDocument;
import org.apache.pdfbox.preflight.ValidationResult;
import org.apache.pdfbox.preflight.parser.PreflightParser;

/** Says whether Apache PDFBox Preflight takes a file for PDF/A-1b: `valid`, or what is wrong with it, one fault a line. */
public class Judge {
    public static void main(String[] arguments) throws Exception {
        PreflightParser parser = new PreflightParser(new File(arguments[0]));
        parser.parse();
        try (PreflightDocument document = parser.getPreflightDocument()) {
            document.validate();
            ValidationResult result = document.getResult();
            if (result.isValid()) {
                System.out.println("valid");
            }
            for (ValidationResult.ValidationError error : result.getErrorsList()) {
                System.out.println(error.getErrorCode() + " " + error.getDetails());
            }
        }
    }
}
